import GRDB

@testable import Host
@testable import Store

/// What somebody does who has the file of the database and no regard for the program.
func tamper(_ settings: Settings, _ sql: String) throws {
  let database = try Store.Database.open(dataDirectory: settings.dataDirectory, access: .change)
  try database.write { try $0.execute(sql: sql) }
}
