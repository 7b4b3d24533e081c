using System.Buffers.Binary;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace FleetMonitor.Ledger.Store;

/// <summary>Where a ledger lies on disk, and how its one file is opened.</summary>
/// <param name="name">Of the database's file in it.</param>
public sealed class LedgerFiles(string directory, string name = LedgerFiles.DatabaseName)
{
    private const string DatabaseName = "ledger.db";

    /// <summary>A log that was looked at while another process began it anew looks damaged: not so often in a row.</summary>
    private const int LooksAtTheLog = 4;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    /// <summary>It was opened for writing by way of this object, and its log was looked at then.</summary>
    private volatile bool _isWritten;

    static LedgerFiles()
    {
        Batteries_V2.Init();

        // A connection is one thread's at a time here, and nobody asks how much memory SQLite uses: its locks around each call, and around each
        // allocation for the sake of that count, are a twentieth of what a commit takes. Refused, and as well, where SQLite is in use already.
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MEMSTATUS, 0);
    }

    public string Directory { get; } = Path.GetFullPath(directory);

    /// <summary>A ledger that is a file of another name, such as a backup.</summary>
    public static LedgerFiles OfFile(string path) => new(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFileName(path));

    public string Database => Path.Combine(Directory, name);

    /// <summary>The heads of the chain of postings, beside the database.</summary>
    public AnchorFile Anchors => new(Path.Combine(Directory, "anchors.jsonl"));

    /// <summary>Where a restore makes its copy, until it takes the ledger's place.</summary>
    public string Restoring => Database + ".restoring";

    public bool Exist => File.Exists(Database);

    /// <summary>EROFS, as Linux and the BSDs number it.</summary>
    private const int ReadOnlyFileSystem = 30;

    private string Lock => Path.Combine(Directory, "ledger.lock");

    /// <summary>Makes the caller the one that writes, until the stream is disposed or the process ends, however it ends.</summary>
    /// <exception cref="LedgerException">Another process writes here, or the directory cannot be written.</exception>
    public FileStream TakeLock()
    {
        try
        {
            System.IO.Directory.CreateDirectory(Directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new LedgerException($"The ledger's directory {Directory} cannot be made: {e.Message}. Set Ledger:Directory.", e);
        }

        try
        {
            return new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is UnauthorizedAccessException || e.HResult == ReadOnlyFileSystem)
        {
            throw new LedgerException(
                $"The ledger in {Directory} cannot be written: {e.Message} Make the directory writable, or set another Ledger:Directory.", e);
        }
        catch (IOException e)
        {
            throw new LedgerInUseException(
                $"The ledger in {Directory} is in use by another fleetmonitor: stop that one, or set another Ledger:Directory. ({e.Message})", e);
        }
    }

    public SqliteConnection OpenWriter()
    {
        RefuseWhatIsGone();
        RefuseWhatIsCutShort();
        RefuseDamagedLog();
        SqliteConnection connection = Open(SqliteOpenMode.ReadWriteCreate);
        _isWritten = true;
        // FULL makes every commit wait for its fsync; one writer, and only it checkpoints. 16 MiB of pages: what four times as much spared in reads of
        // pages that the system has in memory anyhow could not be measured.
        LedgerSchema.Execute(
            connection,
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16384; PRAGMA busy_timeout = 30000;");
        RowSeals.Register(connection);
        return connection;
    }

    /// <exception cref="LedgerException">Among others: an older version wrote it, and nothing has opened it for writing since.</exception>
    public SqliteConnection OpenReader()
    {
        if (!_isWritten)
        {
            RefuseDamagedLog();
        }

        SqliteConnection connection = Open(SqliteOpenMode.ReadOnly);
        if (LedgerSchema.Check(connection, Database) is var version && version < LedgerSchema.Current)
        {
            connection.Dispose();
            throw new LedgerException(
                $"{Database} was written by an older version (schema {version}, this one reads {LedgerSchema.Current}): start 'fleetmonitor run' "
                + "once, which brings it up to date.");
        }

        return connection;
    }

    /// <summary>
    /// A new ledger is not begun where one was: SQLite would throw its write-ahead log away, and the books would be empty. A restore that was
    /// killed may have moved the old one aside, and not have put the new one into its place.
    /// </summary>
    private void RefuseWhatIsGone()
    {
        if (name != DatabaseName || new FileInfo(Database) is { Exists: true, Length: > 0 })
        {
            return;
        }

        string[] left =
        [
            .. new[] { Database + "-wal", Anchors.FilePath, Restoring }.Where(path => new FileInfo(path) is { Exists: true, Length: > 0 }).Select(path => Path.GetFileName(path)!),
        ];
        if (left.Length > 0)
        {
            throw new LedgerException(
                $"{Database} is {(File.Exists(Database) ? "empty" : "gone")}, but there was a ledger here: {string.Join(" and ", left)} is left of it. "
                + "Bring the file back, or move what is left elsewhere and restore a backup with 'fleetmonitor ledger restore'; nothing was changed.");
        }
    }

    /// <summary>
    /// Compares the file's length with what its header says (SQLite file format, offsets 16 and 28), which SQLite itself does page by page, as
    /// it comes to need them. Beside a write-ahead log the header may be ahead of the file, and the log holds what is missing.
    /// </summary>
    private void RefuseWhatIsCutShort()
    {
        var file = new FileInfo(Database);
        if (!file.Exists || file.Length == 0 || new FileInfo(Database + "-wal") is { Exists: true, Length: > 0 })
        {
            return;
        }

        Span<byte> header = stackalloc byte[32];
        using (FileStream stream = file.Open(FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        {
            if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            {
                throw new LedgerCorruptException($"{Database} is cut short");
            }
        }

        int pageSize = BinaryPrimitives.ReadUInt16BigEndian(header[16..]) is var size && size == 1 ? 65_536 : size;
        long expected = (long)pageSize * BinaryPrimitives.ReadUInt32BigEndian(header[28..]);
        if (file.Length < expected)
        {
            throw new LedgerCorruptException($"{Database} is cut short: {file.Length} of {expected} bytes are there");
        }
    }

    private void RefuseDamagedLog()
    {
        string? damage = null;
        for (int look = 0; look < LooksAtTheLog; look++)
        {
            if (look > 0)
            {
                Thread.Sleep(BetweenLooks);
            }

            damage = WriteAheadLog.Damage(Database + "-wal");
            if (damage is null)
            {
                return;
            }
        }

        throw new LedgerCorruptException(damage!);
    }

    private SqliteConnection Open(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = Database,
            Mode = mode,
            Pooling = false,
            DefaultTimeout = 30,
        }.ToString());
        try
        {
            connection.Open();
            LedgerSchema.Check(connection, Database);
            return connection;
        }
        catch (SqliteException e)
        {
            connection.Dispose();
            throw e.SqliteErrorCode is raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB
                ? new LedgerCorruptException($"{Database} is no sound database ({e.Message})", e)
                : new LedgerException($"The ledger {Database} cannot be opened: {e.Message}", e);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
