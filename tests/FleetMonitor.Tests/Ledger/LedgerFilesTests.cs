using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

/// <summary>Where a ledger was, no empty one is begun in its place.</summary>
public sealed class LedgerFilesTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleetmonitor-files-");

    [Theory]
    [InlineData("anchors.jsonl", false, "is gone")]
    [InlineData("anchors.jsonl", true, "is empty")]
    [InlineData("ledger.db-wal", false, "is gone")]
    [InlineData("ledger.db-wal", true, "is empty")]
    public void Open_WhereALedgerWas_IsRefusedAndLeavesWhatIsThere(string left, bool emptied, string said)
    {
        var files = new LedgerFiles(_directory.FullName);
        string path = Path.Combine(_directory.FullName, left);
        File.WriteAllText(path, "of a ledger");
        if (emptied)
        {
            File.WriteAllText(files.Database, string.Empty);
        }

        LedgerException refused = Assert.Throws<LedgerException>(() => LedgerWriter.Open(files));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.Contains(left, refused.Message, StringComparison.Ordinal);
        Assert.Equal("of a ledger", File.ReadAllText(path));
        Assert.Equal(emptied, files.Exist);
    }

    [Fact]
    public void Open_WhereNothingWas_BeginsANewLedger()
    {
        var files = new LedgerFiles(_directory.FullName);
        LedgerWriter.Open(files).Dispose();
        LedgerWriter.Open(files).Dispose();

        Assert.True(files.Exist);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
