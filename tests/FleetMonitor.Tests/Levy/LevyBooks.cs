using System.Globalization;
using System.Text;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;

namespace FleetMonitor.Tests.Levy;

/// <summary>Short words for ledger tests: days, energies, sites with dated facts, and rows as one reads them.</summary>
internal static class LevyBooks
{
    public static readonly TimeZoneInfo Almaty = TimeZoneInfo.FindSystemTimeZoneById("Asia/Almaty");

    public static RateSchedule Law => RateSchedule.Kazakhstan;

    public static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    public static Energy Kwh(decimal kwh) => Energy.FromWattHours(kwh * 1000m);

    public static EnergyByQuality Register(decimal kwh) => new(Kwh(kwh), default, default);

    public static EnergyByQuality Qualities(decimal register, decimal integrated, decimal estimated) =>
        new(Kwh(register), Kwh(integrated), Kwh(estimated));

    public static DeviceDay Books(string device, string day, decimal kwh, string site = "aksu") =>
        new(new DeviceKey(site, device), Day(day), Register(kwh));

    public static Dated<T> Since<T>(string from, T value, string? to = null) => new(Day(from), to is null ? null : Day(to), value);

    public static Site Site(string id = "aksu") => new() { Id = id, TimeZone = Almaty };

    /// <summary>A site about which everything is stated: licensed, on the grid at 16.5 KZT, with working meters, since 2020.</summary>
    public static Site StatedSite(string id = "aksu") => Site(id) with
    {
        Payer = new Payer("Example Mining LLP", "123456789012"),
        ActivityCodes = ["63111", "62032"],
        MinistryNotice = [Since("2022-01-01", "notice 14-22")],
        Licence = [Since("2020-01-01", "subtype-1")],
        EnergySource = [Since("2020-01-01", EnergySource.Grid)],
        MeterStatus = [Since("2020-01-01", MeterStatus.Working) with { Evidence = "certificate 7", By = "A. Person" }],
        ContractPrice = [Since("2020-01-01", 16.5m)],
        MaxPower = Power.FromWatts(180_000_000m),
    };

    public static Site With(this Site site, params Device[] devices) =>
        site with { Devices = devices.ToDictionary(device => device.Id) };

    public static Device Rig(string id, string? tenant = null, string? fedBy = null) => new()
    {
        Id = id, Role = DeviceRole.Rig, FedBy = fedBy, Tenant = tenant is null ? [] : [Since("2020-01-01", tenant)],
    };

    public static Device Feeder(string id) => new() { Id = id, Role = DeviceRole.Feeder };

    public static Device ControlMeter(string id) => new() { Id = id, Role = DeviceRole.ControlMeter };

    public static Func<string, Site?> Only(Site site) => id => id == site.Id ? site : null;

    public static TotalsGroup Group(string text) =>
        TotalsGroups.TryParse(text, out TotalsGroup group, out _) ? group : throw new ArgumentException(text);

    /// <summary>Rows as lines of a ledger: <c>2026-Q4 rig-1 kz-2026-base@2 100 kWh 200 KZT</c>, with what is unconfirmed at the end.</summary>
    public static string[] Lines(IEnumerable<TotalsRow> rows)
    {
        return [.. rows.Select(Line)];

        static string Line(TotalsRow row)
        {
            var line = new StringBuilder(row.Period.ToString());
            line.Append(row.Day is { } day ? $" {day:yyyy-MM-dd}" : string.Empty)
                .Append(row.Tenant is { } tenant ? $" {tenant}" : string.Empty)
                .Append(row.Device is { } device && device != row.Tenant ? $" {device}" : string.Empty)
                .Append(CultureInfo.InvariantCulture, $" {row.RateCode}@{(row.PerKwh is { } rate ? Money.Text(rate) : "?")}")
                .Append(CultureInfo.InvariantCulture, $" {row.Energy.Total}")
                .Append(row.Amount is { } amount ? $" {amount}" : " unrated");
            if (row.Unconfirmed.Count > 0)
            {
                line.Append(" unconfirmed: ").AppendJoin(", ", row.Unconfirmed);
            }

            return line.ToString();
        }
    }

    public static string[] Rows(Site site, string group, params DeviceDay[] books) =>
        Rows(site, new TotalsQuery { Group = Group(group) }, books);

    public static string[] Rows(Site site, TotalsQuery query, params DeviceDay[] books) =>
        Lines(LevyTotals.Compute(books, Only(site), Law, query));
}
