using System.Diagnostics;
using System.Globalization;
using System.Text;
using FleetMonitor.Ledger.Store;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Benchmarks.Finance;

/// <summary>
/// How long the first start of this version takes on a ledger of schema 3: a quarter's device-days are taken back to the tables that it had, and
/// opened for writing.
/// </summary>
internal static class MigrationMeasure
{
    private const string BackToSchema3 =
        """
        DROP TABLE row_seal;
        DROP TABLE alert_event;
        DROP INDEX anomaly_by_cause;
        DROP INDEX anomaly_standing;
        ALTER TABLE anomaly DROP COLUMN cause;
        CREATE TRIGGER evidence_comes AFTER INSERT ON evidence
            BEGIN UPDATE evidence_size SET blocks = blocks + 1, bytes = bytes + length(NEW.before) + length(NEW.readings); END;
        PRAGMA user_version = 3;
        """;

    public static string Run(int devices)
    {
        var report = new StringBuilder(
            "Bringing a ledger of schema 3 up to date, which the first start of this version does (`finance --migration`), and what it says meanwhile:\n\n"
            + "| Devices | Device-days | Migration | Said |\n|--:|--:|--:|--:|\n");
        foreach (int count in (int[])[devices / 16, devices / 4, devices])
        {
            using var big = new BigBooks(count);
            var files = new LedgerFiles(big.Settings.Ledger.Directory);
            TakeBack(files);
            int said = 0;
            var watch = Stopwatch.StartNew();
            using (LedgerWriter.Open(files, step =>
                   {
                       said++;
                       Console.Error.WriteLine($"{watch.Elapsed.TotalSeconds:F1} s: {step}");
                   }))
            {
                report.Append(CultureInfo.InvariantCulture, $"| {count:N0} | {count * 92:N0} | {watch.Elapsed.TotalSeconds:F1} s | {said} lines |\n");
            }
        }

        return report.ToString();
    }

    private static void TakeBack(LedgerFiles files)
    {
        using var connection = new SqliteConnection($"Data Source={files.Database};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "SELECT group_concat('DROP TRIGGER ' || name || ';', ' ') FROM sqlite_schema WHERE type = 'trigger' AND (name LIKE 'sealed!_%' ESCAPE '!' OR name LIKE 'alert%')";
        command.CommandText = (string)command.ExecuteScalar()! + BackToSchema3;
        command.ExecuteNonQuery();
    }
}
