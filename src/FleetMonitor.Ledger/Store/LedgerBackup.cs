using System.Globalization;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <summary>A ledger as one file, made while the ledger is being written, and put back in its place.</summary>
public static class LedgerBackup
{
    /// <summary>Copies the ledger as it stands at one moment. The file appears under its name once all of it is durable.</summary>
    /// <exception cref="LedgerException">There is no ledger, it cannot be read, or the output exists.</exception>
    public static void Make(LedgerFiles ledger, string output)
    {
        if (File.Exists(output))
        {
            throw new LedgerException($"{output} is there already: a backup never takes the place of another file.");
        }

        string partial = output + ".partial";
        File.Delete(partial);
        using (SqliteConnection source = ledger.OpenReader())
        using (SqliteConnection target = Plain(partial))
        {
            // In one step, under one snapshot: what is written meanwhile is left out, and does not make it start again.
            source.BackupDatabase(target);
            // So that it is one file, without a log beside it.
            LedgerSchema.Execute(target, "PRAGMA journal_mode = DELETE");
        }

        MakeDurable(partial);
        File.Move(partial, output);
    }

    /// <summary>
    /// Puts a backup in the ledger's place. What stood there is moved aside, not removed. The caller holds the lock
    /// (<see cref="LedgerFiles.TakeLock"/>).
    /// </summary>
    /// <param name="check">Looks at the copy before it takes the ledger's place, brought to this version's schema; throws where it will not do.</param>
    /// <param name="now">Names what is moved aside.</param>
    /// <returns>Where the ledger that stood there lies now; null where there was none.</returns>
    /// <remarks>Where it fails, nothing of it stays. What one left that was killed is taken for nothing: it is made anew.</remarks>
    public static string? Restore(string input, LedgerFiles ledger, Action<LedgerFiles> check, DateTimeOffset now)
    {
        string copy = ledger.Restoring;
        RemoveDatabase(copy);
        try
        {
            File.Copy(input, copy);
            var restored = LedgerFiles.OfFile(copy);
            using (SqliteConnection connection = restored.OpenWriter())
            {
                LedgerSchema.Migrate(connection, copy);
                LedgerSchema.Execute(connection, "PRAGMA journal_mode = DELETE");
            }

            check(restored);
            MakeDurable(copy);
        }
        catch (SqliteException e)
        {
            RemoveDatabase(copy);
            throw SqliteFailures.Named(e);
        }
        catch
        {
            RemoveDatabase(copy);
            throw;
        }

        string suffix = ".replaced-" + now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        bool replaces = ledger.Exist;
        foreach (string file in (string[])[ledger.Database, ledger.Database + "-wal", ledger.Database + "-shm", ledger.Anchors.FilePath])
        {
            if (File.Exists(file))
            {
                File.Move(file, file + suffix);
            }
        }

        File.Move(copy, ledger.Database);
        return replaces ? ledger.Database + suffix : null;
    }

    private static SqliteConnection Plain(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void MakeDurable(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Flush(flushToDisk: true);
    }

    private static void RemoveDatabase(string file)
    {
        foreach (string part in (string[])[file, file + "-wal", file + "-shm", file + "-journal"])
        {
            File.Delete(part);
        }
    }
}
