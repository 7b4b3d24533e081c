using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using Microsoft.AspNetCore.Http.HttpResults;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/devices</c>: each device with its last reading, its energy and its levy.</summary>
internal static class DeviceEndpoints
{
    private static readonly CsvTable<DeviceAnswer> Table = new CsvTable<DeviceAnswer>()
        .Text("site", row => row.Site).Text("device", row => row.Device).Text("role", row => row.Role).Text("model", row => row.Model)
        .Text("tenant", row => row.Tenant).Text("registration", row => row.Registration).Text("state", row => row.State)
        .Text("billing", row => row.Billing).Time("readingAt", row => row.ReadingAt).Number("ageS", row => row.AgeS)
        .Number("powerW", row => row.PowerW).Number("hashrateThs", row => row.HashrateThs).Number("efficiencyJTh", row => row.EfficiencyJTh)
        .Number("temperatureC", row => row.TemperatureC).Text("status", row => row.Status).Number("registerKwh", row => row.RegisterKwh)
        .Part(EnergyAnswer.Table, row => row.EnergyToday, "today")
        .Part(EnergyAnswer.Table, row => row.EnergyThisPeriod, "thisPeriod")
        .Number("levyToday", row => row.LevyToday).Number("levyThisPeriod", row => row.LevyThisPeriod).Text("currency", row => row.Currency);

    private static readonly CsvTable<(DeviceAnswer Device, DeviceDayAnswer Day)> DayTable = new CsvTable<(DeviceAnswer Device, DeviceDayAnswer Day)>()
        .Text("site", row => row.Device.Site).Text("device", row => row.Device.Device).Day("day", row => row.Day.Day)
        .Part(EnergyAnswer.Table, row => row.Day.Energy);

    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/devices", ListAsync)
            .WithQuery(Paging.Parameters(
                new QueryParameter("site", "Only this site."),
                new QueryParameter("state", "Only devices that are mining, idle, stale, offline or unknown."),
                new QueryParameter("search", "Only devices whose id, model, rack or tenant holds this text.")))
            .WithSummary("Devices in the order of their names, with last reading, register, energy and levy.").WithTags("fleet")
            .ProducesList<DeviceList>(Table.Columns);
        routes.MapGet("/devices/{site}/{device}", OneAsync).WithQuery()
            .WithSummary("One device, with its days of this tax period, its gaps and what was wrong.").WithTags("fleet")
            .ProducesList<DeviceDetail>(DayTable.Columns).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<IResult> ListAsync(HttpRequest request, ServiceContext context, FleetView fleet, LevyView levy)
    {
        var query = new QueryReader(request.Query);
        string? site = query.Text("site");
        string? state = query.OneOf("state", "mining", "idle", "stale", "offline", "unknown");
        string? search = query.Text("search");
        Paging paging = Paging.Of(query);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        FleetNow now = await fleet.NowAsync();
        int start = 0;
        if (paging.After is not null)
        {
            // A device that was once listed stays: only a made-up place is not found.
            string[] place = paging.After.Split('/', 2);
            if (place.Length != 2 || now.Roster.IndexOf(new DeviceKey(place[0], place[1])) is not { } index)
            {
                Paging.NoSuchPlace(query);
                return query.Refusal!;
            }

            start = index + 1;
        }

        int[] matches = [.. Enumerable.Range(0, now.States.Length).Where(Matches)];
        TrackedDevice[] page = [.. matches.SkipWhile(index => index < start).Take(paging.Limit).Select(index => now.Roster.Devices[index])];
        bool last = page.Length == 0 || now.Roster.IndexOf(page[^1].Key) == matches[^1];
        IReadOnlyList<DeviceAnswer> rows = await DescribeAsync(context, levy, page, (_, answer) => answer);
        string? next = last ? null : QueryReader.Cursor(page[^1].Key.ToString());
        return ListAnswers.Of(new DeviceList(rows, matches.Length, next), Table, rows, next);

        bool Matches(int index)
        {
            DeviceKey key = now.Roster.Devices[index].Key;
            return (site is null || key.Site == site)
                && (state is null || now.States[index].Code() == state)
                && (search is null || Names(now.Roster.Fleet, key).Any(name => name?.Contains(search, StringComparison.OrdinalIgnoreCase) == true));
        }
    }

    private static async Task<IResult> OneAsync(string site, string device, ServiceContext context, LevyView levy)
    {
        var key = new DeviceKey(site, device);
        if (await context.AskAsync(decider => decider.Shards.Find(key)) is not { } tracked)
        {
            return TypedResults.Problem(
                $"No device {key} has been heard of. GET /api/v1/devices lists those that have.", statusCode: StatusCodes.Status404NotFound);
        }

        DeviceDetail detail = (await DescribeAsync(context, levy, [tracked], DeviceDetail.Of)).Single();
        return ListAnswers.Of(detail, DayTable, detail.Days.Select(day => (detail.Device, day)), next: null);
    }

    private static IEnumerable<string?> Names(FleetSnapshot fleet, DeviceKey key)
    {
        yield return key.Device;
        if (fleet.Device(key) is { } listed)
        {
            yield return listed.Model;
            yield return listed.Rack;
            foreach (Dated<string> tenant in listed.Tenant)
            {
                yield return tenant.Value;
            }
        }
    }

    private static async Task<IReadOnlyList<T>> DescribeAsync<T>(
        ServiceContext context, LevyView levy, IReadOnlyList<TrackedDevice> devices, Func<(DeviceBooks Books, DeviceNow Now, SiteLevy Site), DeviceAnswer, T> describe)
    {
        LevyNow now = await levy.NowAsync();
        var sites = devices.Select(device => device.Key.Site).Distinct().ToDictionary(site => site, now.Of, StringComparer.Ordinal);
        using DeviceBooks books = await DeviceBooks.OpenAsync(context, devices);
        var levies = sites.Values.SelectMany(books.Levy).ToDictionary();
        return
        [
            .. from device in books.Devices
               let site = sites[device.Device.Key.Site]
               select describe(
                   (books, device, site),
                   DeviceAnswer.Of(books, device, site, levies.TryGetValue(device.Device.Key, out (LevySum, LevySum) sums) ? sums : null)),
        ];
    }
}

internal sealed record DeviceList(IReadOnlyList<DeviceAnswer> Rows, int Total, string? Next);

/// <param name="Role">Null for a device that the fleet file does not list.</param>
/// <param name="Registration"><c>listed</c>; <c>unregistered</c>: not in the fleet file; <c>self-registered</c>: there is no fleet file.</param>
/// <param name="Billing"><c>billed</c>; <c>allocated</c>: gets its share of what the control meter counts; <c>control-meter</c>; <c>fed</c>:
/// its feeder counts its energy.</param>
/// <param name="ReadingAt">The newest time it stated; each value below is the newest of its kind.</param>
/// <param name="LevyToday">Null where its energy is counted elsewhere.</param>
internal sealed record DeviceAnswer(
    string Site,
    string Device,
    string? Role,
    string? Model,
    string? Tenant,
    string Registration,
    string State,
    string Billing,
    Instant? ReadingAt,
    decimal? AgeS,
    decimal? PowerW,
    decimal? HashrateThs,
    decimal? EfficiencyJTh,
    decimal? TemperatureC,
    string? Status,
    decimal? RegisterKwh,
    EnergyAnswer EnergyToday,
    EnergyAnswer EnergyThisPeriod,
    decimal? LevyToday,
    decimal? LevyThisPeriod,
    string Currency)
{
    public static DeviceAnswer Of(DeviceBooks books, DeviceNow now, SiteLevy site, (LevySum Today, LevySum ThisPeriod)? levy)
    {
        DeviceKey key = now.Device.Key;
        Device? listed = books.Fleet.Device(key);
        IReadOnlyList<(DateOnly Day, EnergyByQuality Energy)> days = books.Days(now.Device, site.Period.FirstDay, site.Period.End);
        Reading? last = now.Last;
        bool hashes = last is { HasPower: true, HasHashRate: true, HashRate.MegahashesPerSecond: > 0 };
        return new DeviceAnswer(
            key.Site,
            key.Device,
            listed is null ? null : FleetNames.Roles.NameOf(listed.Role),
            listed?.Model,
            listed?.Tenant.On(site.Day)?.Value,
            listed is not null ? "listed" : books.Fleet.Site(key.Site) is { SelfRegistered: true } ? "self-registered" : "unregistered",
            now.State.Code(),
            BillingOf(books.Fleet.Site(key.Site), key.Device),
            last?.At,
            last is null ? null : Math.Max(0m, (books.At.UnixMilliseconds - last.Value.At.UnixMilliseconds) / 1000m),
            last is { HasPower: true } ? last.Value.Power.Watts : null,
            last is { HasHashRate: true } ? last.Value.HashRate.TerahashesPerSecond : null,
            hashes ? decimal.Round(last!.Value.Power.Milliwatts * 1_000m / last.Value.HashRate.MegahashesPerSecond, 3) : null,
            last is { HasTemperature: true } ? last.Value.Temperature.Celsius : null,
            last is { HasStatus: true } ? last.Value.Status.ToString().ToLowerInvariant() : null,
            last is { HasRegister: true } ? last.Value.Register.KilowattHours : null,
            EnergyAnswer.Of(days.Where(day => day.Day == site.Day).Select(day => day.Energy).SingleOrDefault()),
            EnergyAnswer.Of(days.Aggregate(EnergyByQuality.Zero, (sum, day) => sum + day.Energy)),
            levy?.Today.Amount.Amount,
            levy?.ThisPeriod.Amount.Amount,
            site.ThisPeriod.Amount.Currency);
    }

    private static string BillingOf(Site? site, string device) => Levy.Billing.ClassOf(site, device) switch
    {
        BillingClass.ControlMeter => "control-meter",
        BillingClass.Fed => "fed",
        _ => Levy.Billing.Billed(site) == BillingClass.ControlMeter ? "allocated" : "billed",
    };
}

internal sealed record EnergyAnswer(decimal EnergyKwh, decimal RegisterKwh, decimal IntegratedKwh, decimal EstimatedKwh)
{
    public static readonly CsvTable<EnergyAnswer> Table = new CsvTable<EnergyAnswer>()
        .Number("energyKwh", energy => energy.EnergyKwh).Number("registerKwh", energy => energy.RegisterKwh)
        .Number("integratedKwh", energy => energy.IntegratedKwh).Number("estimatedKwh", energy => energy.EstimatedKwh);

    public static EnergyAnswer Of(EnergyByQuality energy) => new(
        energy.Total.KilowattHours, energy.Register.KilowattHours, energy.Integrated.KilowattHours, energy.Estimated.KilowattHours);
}
