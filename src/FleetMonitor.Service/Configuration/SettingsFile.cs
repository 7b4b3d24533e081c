using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Identity;

namespace FleetMonitor.Service.Configuration;

/// <summary>Settings, or everything that is wrong with them.</summary>
public sealed record SettingsResult(Settings Settings, IReadOnlyList<SettingProblem> Problems, IReadOnlyList<KeyValuePair<string, string>> Defaults);

/// <summary>From configuration to settings: every key of every section is read here, and nowhere else.</summary>
public static partial class SettingsFile
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static SettingsResult Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        SubscriberSettings subscriber = Subscriber(reader);
        AnomalyOptions anomalies = Anomalies(reader);
        var settings = new Settings
        {
            Access = new AccessSettings(reader.OptionalText("Access:File")),
            Http = Http(reader),
            Subscriber = subscriber,
            Listener = Listener(reader, subscriber),
            Ledger = Ledger(reader),
            Fleet = Fleet(reader),
            Levy = Levy(reader),
            Metering = Metering(reader),
            MaxFuture = reader.Duration("Metering:MaxFuture", TimeSpan.FromMinutes(5), TimeSpan.Zero, Day),
            Anomalies = anomalies,
            Alerts = AlertSettingsFile.Read(reader, anomalies),
            Influx = Influx(reader),
            Log = new LogSettings(
                reader.Choice(
                    "Log:Level",
                    "Information",
                    ("Verbose", "Verbose"),
                    ("Debug", "Debug"),
                    ("Information", "Information"),
                    ("Warning", "Warning"),
                    ("Error", "Error")),
                reader.Choice("Log:Format", LogFormat.Auto, ("auto", LogFormat.Auto), ("text", LogFormat.Text), ("json", LogFormat.Json))),
        };
        if (settings.Access.File is null)
        {
            // Else the file says who may come in, and is read where doors are opened.
            foreach (SettingProblem problem in OpenDoors.Find(settings, AccessList.Empty))
            {
                reader.Problem(problem.Key, problem.Value, problem.Fix);
            }
        }

        reader.RefuseUnknown();
        return new SettingsResult(settings, reader.Problems, reader.Defaults);
    }

    private static LevySettings Levy(SettingsReader reader)
    {
        // Of the typical chart of accounts of Kazakhstan: administrative expenses, and other taxes payable.
        var accounts = new ChargeAccounts(
            reader.Text("Levy:Accounts:Expense", "7210"), reader.Text("Levy:Accounts:Payable", "3190"));
        return new LevySettings(
            reader.OptionalText("Levy:Schedule"),
            accounts,
            reader.Sections("Levy:Accounts:Charges").ToDictionary(
                path => path[(path.LastIndexOf(':') + 1)..],
                path => new ChargeAccounts(reader.Text($"{path}:Expense", accounts.Expense), reader.Text($"{path}:Payable", accounts.Payable))));
    }

    private static LedgerSettings Ledger(SettingsReader reader) => new(
        reader.Text("Ledger:Directory", "data"),
        reader.Number("Ledger:Shards", 1, 1, 64),
        reader.Number("Ledger:MessagesPerBatch", 16_384, 1, 1_000_000),
        reader.Duration("Ledger:CommitEvery", TimeSpan.FromMilliseconds(5), TimeSpan.Zero, Second),
        reader.Duration("Ledger:CheckpointAfter", TimeSpan.FromMinutes(5), Second, TimeSpan.FromHours(1)),
        reader.Number("Ledger:BlockReadings", 48, 8, 4_096),
        reader.Duration("Ledger:KeepReadings", TimeSpan.FromDays(35), Day, TimeSpan.FromDays(40)),
        1_000_000_000L * reader.Number("Ledger:MaxEvidenceGB", 100, 1, 100_000),
        reader.Number("Ledger:KeepHoursYears", 5, 1, 50),
        reader.Number("Ledger:MaxQuarantine", 1_000_000, 1_000, 100_000_000),
        1_000_000_000L * reader.Number("Ledger:MaxQuarantineGB", 2, 1, 10_000));

    private static FleetSettings Fleet(SettingsReader reader)
    {
        string site = reader.Text("Fleet:DefaultSite", "site-1");
        if (!Identifier.IsValid(site))
        {
            reader.Problem("Fleet:DefaultSite", site, "write an id without / + # and control characters");
        }

        return new FleetSettings(
            reader.OptionalText("Fleet:File"),
            site,
            reader.Zone("Fleet:DefaultTimeZone", "Asia/Almaty"),
            reader.Number("Fleet:MaxUnregistered", 100_000, 0, 10_000_000),
            reader.OptionalText("Fleet:Profiles"));
    }

    private static MeteringOptions Metering(SettingsReader reader)
    {
        MeteringOptions defaults = MeteringOptions.Default;
        return new MeteringOptions
        {
            MaxGap = reader.Duration("Metering:MaxGap", defaults.MaxGap, Second, Day),
            ReorderWindow = reader.Duration("Metering:ReorderWindow", defaults.ReorderWindow, TimeSpan.Zero, TimeSpan.FromHours(1)),
            GapPolicy = reader.Choice(
                "Metering:GapPolicy",
                defaults.GapPolicy,
                ("open", GapPolicy.Open),
                ("interpolate", GapPolicy.Interpolate),
                ("hold", GapPolicy.Hold)),
            MaxEstimate = reader.Duration("Metering:MaxEstimate", defaults.MaxEstimate, TimeSpan.Zero, TimeSpan.FromDays(7)),
            MaxDevicePower = reader.Power("Metering:MaxDevicePower", defaults.MaxDevicePower),
            Window = reader.Duration("Metering:Window", defaults.Window, Second, TimeSpan.FromHours(1)),
        };
    }

    private static AnomalyOptions Anomalies(SettingsReader reader)
    {
        var defaults = new AnomalyOptions();
        return defaults with
        {
            StaleAfter = reader.OptionalDuration("Fleet:StaleAfter", Second, Day),
            OfflineAfter = reader.Duration("Fleet:OfflineAfter", defaults.OfflineAfter, Second, Day),
            WarmUp = reader.Duration("Anomalies:WarmUp", defaults.WarmUp, TimeSpan.Zero, Day),
            Levels = defaults.Levels with
            {
                WarningLevyPerDay = reader.Number("Anomalies:WarningLevyPerDay", (int)defaults.Levels.WarningLevyPerDay, 0, int.MaxValue),
                CriticalLevyPerDay = reader.Number("Anomalies:CriticalLevyPerDay", (int)defaults.Levels.CriticalLevyPerDay, 0, int.MaxValue),
            },
        };
    }

    private static InfluxSettings Influx(SettingsReader reader)
    {
        string client = Client(reader, "Influx:Client", Clients.InfluxDbClient, Clients.HasSink);
        InfluxApi api = reader.Choice("Influx:Api", InfluxApi.V2, ("v2", InfluxApi.V2), ("v1", InfluxApi.V1));
        if (client == Clients.InfluxDbClient && api == InfluxApi.V1)
        {
            reader.Problem("Influx:Client", client, "it writes to /api/v2/write only: set Influx:Api to v2, or write builtin");
        }

        return new InfluxSettings(
            reader.OptionalAddress("Influx:Url", "write an address such as http://127.0.0.1:8086, or leave it out to make no points"),
            client,
            api,
            reader.Text("Influx:Org", "fleetmonitor"),
            reader.Text("Influx:Bucket", "fleetmonitor"),
            reader.OptionalText("Influx:Token"),
            reader.OptionalText("Influx:UserName"),
            reader.OptionalText("Influx:Password"),
            reader.Number("Influx:MaxOutboxMb", 2_048, 1, 1_000_000) * 1_048_576L,
            reader.Duration("Influx:Timeout", TimeSpan.FromSeconds(10), Second, TimeSpan.FromMinutes(5)));
    }

    private static string Client(SettingsReader reader, string key, string other, Func<string, bool> has)
    {
        string client = reader.Choice(key, Clients.BuiltIn, (Clients.BuiltIn, Clients.BuiltIn), (other, other));
        if (!has(client))
        {
            reader.Problem(key, client, Clients.HowToBuildIn);
        }

        return client;
    }
}
