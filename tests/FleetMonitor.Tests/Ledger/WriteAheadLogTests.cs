using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using Microsoft.Data.Sqlite;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

/// <summary>Logs that SQLite wrote, as a process that was killed leaves them, and what a disk may then do to them.</summary>
public sealed class WriteAheadLogTests : IDisposable
{
    private const int FrameBytes = 24 + 4_096;
    private const int HeaderBytes = 32;

    private readonly string _folder = Directory.CreateTempSubdirectory("fleetmonitor-wal-").FullName;
    private readonly SqliteConnection _connection;

    public WriteAheadLogTests()
    {
        var files = new LedgerFiles(_folder);
        LedgerWriter.Open(files).Dispose();
        _connection = new SqliteConnection($"Data Source={files.Database};Pooling=False");
        _connection.Open();
        Execute("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE written (id INTEGER PRIMARY KEY, value BLOB)");
        Commit(40);
    }

    public void Dispose()
    {
        _connection.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Log_AsItWasWritten_IsSound() => Assert.Null(WriteAheadLog.Damage(Killed()));

    [Fact]
    public void Log_ThatIsNotThere_IsSound() => Assert.Null(WriteAheadLog.Damage(Path.Combine(_folder, "no-wal")));

    [Fact]
    public void FlippedBit_WithCommitsBehindIt_IsDamage_WhereverItIs()
    {
        var random = new Random(7);
        for (int turn = 0; turn < 400; turn++)
        {
            string log = Killed();
            byte[] bytes = File.ReadAllBytes(log);
            // The last two commits take a page each: what happens to one of them may have been a crash.
            int at = random.Next(bytes.Length - (3 * FrameBytes));
            bytes[at] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(log, bytes);

            Assert.True(WriteAheadLog.Damage(log) is not null, $"The bit at {at} of {bytes.Length} was missed.");
        }
    }

    [Fact]
    public void Page_OfZeros_IsDamage()
    {
        string log = Killed();
        byte[] bytes = File.ReadAllBytes(log);
        bytes.AsSpan(HeaderBytes + (5 * FrameBytes), FrameBytes).Clear();
        File.WriteAllBytes(log, bytes);

        Assert.Contains("is not what was written from its page 6 on", WriteAheadLog.Damage(log), StringComparison.Ordinal);
    }

    [Fact]
    public void LastCommit_ThatACrashTore_IsNone()
    {
        string log = Killed();
        using (var stream = new FileStream(log, FileMode.Open))
        {
            stream.SetLength(stream.Length - 1_000);
        }

        Assert.Null(WriteAheadLog.Damage(log));
    }

    [Fact]
    public void Log_ThatBeganAnew_HasOldCommitsBehindItsOwn_AndIsSound()
    {
        Execute("PRAGMA wal_checkpoint(RESTART)");
        Commit(3);

        string log = Killed();
        Assert.True(new FileInfo(log).Length > 10 * FrameBytes);
        Assert.Null(WriteAheadLog.Damage(log));
    }

    [Fact]
    public void Ledger_WithADamagedLog_IsRefused_ForReadingAndForWriting_AndLeftAsItIs()
    {
        string log = Killed();
        byte[] bytes = File.ReadAllBytes(log);
        bytes[HeaderBytes + (8 * FrameBytes) + 500] ^= 1;
        File.WriteAllBytes(log, bytes);
        var files = new LedgerFiles(Path.GetDirectoryName(log)!);

        foreach (Action open in (Action[])[() => LedgerWriter.Open(files).Dispose(), () => LedgerReader.Open(files).Dispose()])
        {
            Assert.Contains("ledger.db-wal is not what was written", Assert.Throws<LedgerCorruptException>(open).Message, StringComparison.Ordinal);
        }

        Assert.Equal(bytes, File.ReadAllBytes(log));
    }

    private void Commit(int times)
    {
        for (int i = 0; i < times; i++)
        {
            Execute("INSERT INTO written (value) VALUES (randomblob(40))");
        }
    }

    /// <returns>The log of a copy that nothing has closed.</returns>
    private string Killed()
    {
        string copy = Path.Combine(_folder, "killed");
        Directory.CreateDirectory(copy);
        foreach (string name in (string[])["ledger.db", "ledger.db-wal"])
        {
            File.Copy(Path.Combine(_folder, name), Path.Combine(copy, name), overwrite: true);
        }

        return Path.Combine(copy, "ledger.db-wal");
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
