using System.Security.Cryptography;
using FleetMonitor.Ledger.Store;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Ingest;

/// <summary>What a disk can do to a file between two starts.</summary>
[Collection(BusyCollection.Name)]
public sealed class DamagedLedgerTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [RealServerFact(TestSite.Publisher)]
    public async Task Ledger_CutShort_IsRefusedAndLeftAsItIs()
    {
        await using TestSite site = await WithBooksAsync();
        using (FileStream file = File.OpenWrite(Database(site)))
        {
            file.SetLength(file.Length * 2 / 3);
        }

        await ExpectRefusalAsync(site, "cut short");
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Ledger_WithAByteFlippedInTheStateOfADevice_IsRefusedAndLeftAsItIs()
    {
        await using TestSite site = await WithBooksAsync();
        byte[] state = site.Read(ledger => ledger.DeviceStates().First().State);
        Flip(Database(site), state.AsSpan(8, 24).ToArray());

        await ExpectRefusalAsync(site, "the state of device 0 is not what was written");
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Ledger_WithAByteFlippedWhereNoStartNeedsIt_IsRefusedAndLeftAsItIs()
    {
        await using TestSite site = await WithBooksAsync("""{"power_w":"what nobody reads at a start"}""");
        Flip(Database(site), "what nobody reads at a start"u8.ToArray());

        await ExpectRefusalAsync(site, "table quarantine: its 1 rows are not as they were written");
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Ledger_WithAPageOverwritten_IsRefusedAndLeftAsItIs()
    {
        await using TestSite site = await WithBooksAsync();
        using (FileStream file = File.OpenWrite(Database(site)))
        {
            // All but the first page, which says what kind of file it is.
            file.Position = 4_096;
            file.Write(Enumerable.Repeat((byte)0xA5, (int)file.Length - 4_096).ToArray());
        }

        await ExpectRefusalAsync(site, "damaged");
    }

    [RealServerFact(TestSite.Publisher)]
    public async Task Ledger_ThatIsNoDatabase_IsRefusedAndLeftAsItIs()
    {
        await using TestSite site = await WithBooksAsync();
        await File.WriteAllTextAsync(Database(site), string.Concat(Enumerable.Repeat("no database at all\n", 1_000)));

        await ExpectRefusalAsync(site, "damaged");
    }

    private static async Task<TestSite> WithBooksAsync(params string[] refused)
    {
        TestSite site = TestSite.WithoutBroker();
        await site.StartServiceAsync();
        await site.PublishAsync(
            Samples.Topic("rig-1"), [.. Enumerable.Range(0, 200).Select(i => Samples.Register(Now.AddSeconds(i), 1_000m + i)), .. refused]);
        await site.WaitForMetricAsync("fleetmonitor_acknowledged_total", 200 + refused.Length);
        Assert.Equal(0, (await site.StopServiceAsync()).ExitCode);
        return site;
    }

    private static async Task ExpectRefusalAsync(TestSite site, string why)
    {
        string before = Fingerprint(site);

        ChildResult refused = await Tool.RunAsync(site.ServiceArguments(site.Ledger));

        Assert.Equal(1, refused.ExitCode);
        Assert.Contains(why, refused.Errors, StringComparison.Ordinal);
        Assert.Contains("fleetmonitor ledger restore", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", refused.Errors, StringComparison.Ordinal);
        Assert.Equal(before, Fingerprint(site));
    }

    private static void Flip(string path, byte[] pattern)
    {
        byte[] file = File.ReadAllBytes(path);
        int at = file.AsSpan().IndexOf(pattern);
        Assert.True(at > 0, "The record is not in the file.");
        for (int next = at; next >= 0; next = file.AsSpan(at + 1).IndexOf(pattern) is var more && more >= 0 ? at + 1 + more : -1)
        {
            at = next;
            file[at + 3] ^= 0x10;
        }

        File.WriteAllBytes(path, file);
    }

    private static string Fingerprint(TestSite site) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(Database(site))));

    private static string Database(TestSite site) => new LedgerFiles(site.Ledger).Database;
}
