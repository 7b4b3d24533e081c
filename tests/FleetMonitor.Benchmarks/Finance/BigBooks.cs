using System.Globalization;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Profiles;
using Microsoft.Extensions.Configuration;

namespace FleetMonitor.Benchmarks.Finance;

/// <summary>
/// A ledger of a full site: rigs with a register, ten tenants, and a device-day for each rig and day of the third quarter of 2026, in
/// checkpoints as the pipeline writes them.
/// </summary>
internal sealed class BigBooks : IDisposable
{
    private const int DevicesPerCommit = 1_000;
    private const int Tenants = 10;
    private static readonly TaxPeriod Quarter = TaxPeriod.Parse("2026-Q3");

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fleetmonitor-benchmark-");

    public BigBooks(int devices)
    {
        Devices = devices;
        Settings = SettingsFile.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([KeyValuePair.Create("Ledger:Directory", (string?)_root.FullName)]).Build()).Settings;
        Files = new SiteFiles(FleetOf(devices), ProfileSet.Shipped, RateSchedule.Kazakhstan);
        Write();
    }

    public int Devices { get; }

    public Settings Settings { get; }

    public SiteFiles Files { get; }

    public static TaxPeriod Period => Quarter;

    public long Bytes => new FileInfo(new LedgerFiles(Settings.Ledger.Directory).Database).Length;

    public void Dispose() => _root.Delete(recursive: true);

    private void Write()
    {
        Site site = Files.Fleet.Site("site-1")!;
        var contexts = new MeterContexts();
        MeterContext context = contexts.Intern(
            Settings.Metering, DeviceRules.Limits(site, null, Settings.Metering, new RegisterTraits(null, new Energy(1_000_000))), site.TimeZone);
        var memory = new ShardMemory();
        var codec = new DeviceStateCodec(contexts);
        using LedgerWriter ledger = LedgerWriter.Open(new LedgerFiles(Settings.Ledger.Directory));
        Instant end = DayCalendar.Of(site.TimeZone).StartOf(Quarter.End);
        long sequence = 0;
        foreach (int[] ids in Enumerable.Range(0, Devices).Chunk(DevicesPerCommit))
        {
            var commit = new LedgerCommit { Sequence = ++sequence, Now = end };
            commit.State[MeterContexts.StateKey] = contexts.Save();
            commit.State[LedgerWriter.AccountFacts] = Accounts.FactsOf(Files.Fleet);
            foreach (int id in ids)
            {
                var device = new TrackedDevice(id, new DeviceKey(site.Id, Name(id)), memory) { Context = context };
                commit.NewDevices.Add(new NewDevice(id, device.Key, end));
                var days = new Dictionary<DateOnly, EnergyByQuality>();
                for (DateOnly day = Quarter.FirstDay; day < Quarter.End; day = day.AddDays(1))
                {
                    // About 3.25 kW around the clock, each device and day a little different.
                    var energy = new EnergyByQuality(new Energy(78_000_000_000 + (id * 1_000L) + day.Day), default, default);
                    days.Add(day, energy);
                    (Account, DateOnly) account = (Accounts.Of(site, device.Key, day), day);
                    commit.Accounts[account] = commit.Accounts.GetValueOrDefault(account) + energy;
                }

                commit.Checkpoints.Add(new DeviceCheckpoint
                {
                    DeviceId = id, AppliedSequence = sequence, State = codec.Write(device), Days = days, Notes = [], Blocks = [],
                });
            }

            ledger.Commit(commit);
        }
    }

    private static FleetSnapshot FleetOf(int devices)
    {
        var json = new StringBuilder(
            """
            {"sites":[{"id":"site-1","timeZone":"Asia/Almaty","licence":[{"from":"2023-04-01","value":"subtype-1"}],
            "energySource":[{"from":"2022-01-01","value":"grid"}],"meterStatus":[{"from":"2022-01-01","value":"working"}],"devices":[
            """);
        for (int id = 0; id < devices; id++)
        {
            json.Append(
                CultureInfo.InvariantCulture,
                $"{(id == 0 ? "" : ",")}{{\"id\":\"{Name(id)}\",\"role\":\"rig\",\"tenant\":[{{\"from\":\"2022-01-01\",\"value\":\"tenant-{id % Tenants}\"}}]}}");
        }

        return FleetFile.Parse(Encoding.UTF8.GetBytes(json.Append("]}]}").ToString()), "fleet.json", new FleetDefaults(TimeZoneInfo.Utc)).Value
            ?? throw new InvalidOperationException("The benchmark's fleet file is bad.");
    }

    private static string Name(int id) => id.ToString("'rig-'00000", CultureInfo.InvariantCulture);
}
