using FleetMonitor.Ledger.Store;

namespace FleetMonitor.Service.Hosting;

/// <summary>What the ledger takes of its disk.</summary>
/// <param name="Bytes">The database with its write-ahead log.</param>
/// <param name="FreeBytes">Room left on that disk for this user.</param>
internal readonly record struct LedgerDisk(long Bytes, long FreeBytes)
{
    public static LedgerDisk Of(LedgerFiles files) => new(
        new[] { files.Database, files.Database + "-wal" }.Select(file => new FileInfo(file)).Where(file => file.Exists).Sum(file => file.Length),
        new DriveInfo(Path.GetFullPath(files.Directory)).AvailableFreeSpace);
}
