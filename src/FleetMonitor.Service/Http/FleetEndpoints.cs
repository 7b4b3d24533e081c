using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Hosting;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/fleet</c>: what the fleet is doing and what it owes, now.</summary>
internal static class FleetEndpoints
{
    private static readonly CsvTable<LevyAnswer> LevyTable = new CsvTable<LevyAnswer>()
        .Number("energyKwh", levy => levy.EnergyKwh).Number("registerKwh", levy => levy.RegisterKwh)
        .Number("integratedKwh", levy => levy.IntegratedKwh).Number("estimatedKwh", levy => levy.EstimatedKwh)
        .Number("unratedKwh", levy => levy.UnratedKwh).Number("amount", levy => levy.Amount).Text("currency", levy => levy.Currency);

    private static readonly CsvTable<SiteAnswer> Table = new CsvTable<SiteAnswer>()
        .Text("site", row => row.Site).Text("name", row => row.Name).Text("timeZone", row => row.TimeZone).Day("date", row => row.Date)
        .Text("period", row => row.Period).Text("rateCode", row => row.Rate.Code).Number("perKwh", row => row.Rate.PerKwh)
        .Text("legalRef", row => row.Rate.LegalRef).Text("unconfirmed", row => string.Join(' ', row.Rate.Unconfirmed))
        .Number("devices", row => row.Devices.Total).Number("mining", row => row.Devices.Mining).Number("idle", row => row.Devices.Idle)
        .Number("stale", row => row.Devices.Stale).Number("offline", row => row.Devices.Offline).Number("unknown", row => row.Devices.Unknown)
        .Number("powerW", row => row.PowerW).Number("hashrateThs", row => row.HashrateThs).Number("efficiencyJTh", row => row.EfficiencyJTh)
        .Part(LevyTable, row => row.Today, "today").Part(LevyTable, row => row.ThisPeriod, "thisPeriod");

    public static void MapFleet(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/fleet", NowAsync).WithQuery(Paging.Parameters())
            .WithSummary("Power, hash rate, efficiency, devices by state, levy today and this period, data quality; as CSV a line a site.")
            .WithTags("fleet").ProducesList<FleetAnswer>(Table.Columns);
        routes.MapGet("/fleet/map", MapAsync)
            .WithQuery(new QueryParameter("show", "Also a value of each device, as a letter on a scale: power, hashrate, efficiency or temperature."))
            .WithSummary("The state of every device, one letter each, in the order of the roster: mining, idle, stale, offline, unknown.")
            .WithTags("fleet").Produces<MapAnswer>();
        routes.MapGet("/fleet/roster", RosterAsync).WithQuery()
            .WithSummary("The names of all devices, in the order of the map, and the racks they stand in.").WithTags("fleet");
    }

    private static async Task<IResult> NowAsync(HttpRequest request, FleetView fleet, LevyView levy, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        Paging paging = Paging.Of(query);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        FleetNow now = await fleet.NowAsync();
        LevyNow levies = await levy.NowAsync();
        string currency = context.Engine.Schedule.Levy.Currency;
        SiteAnswer[] sites = [.. now.Sites.Select(site => SiteAnswer.Of(site, levies.Of(site.Site.Id)))];
        if (paging.Page(query, sites, site => site.Site) is not { } page)
        {
            return query.Refusal!;
        }

        var all = new SiteNow(new RosterSite("", null, 0, now.States.Length, Racks.Of(null, [])));
        foreach (SiteNow site in now.Sites)
        {
            all.Add(site);
        }

        LevySum Sum(Func<SiteLevy, LevySum> part) =>
            now.Sites.Aggregate(LevySum.Zero(currency), (sum, site) => sum + part(levies.Of(site.Site.Id)));
        var answer = new FleetAnswer(
            now.At,
            StateCounts.Of(all),
            all.Power.Watts,
            all.HashRate.TerahashesPerSecond,
            all.Efficiency,
            LevyAnswer.Of(Sum(site => site.Today)),
            LevyAnswer.Of(Sum(site => site.ThisPeriod)),
            page.Rows,
            page.Next);
        return ListAnswers.Of(answer, Table, page.Rows, page.Next);
    }

    private static async Task<IResult> MapAsync(HttpRequest request, FleetView fleet)
    {
        var query = new QueryReader(request.Query);
        string? show = query.OneOf("show", "power", "hashrate", "efficiency", "temperature");
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        FleetNow now = await fleet.NowAsync();
        FleetHeat? heat = show is null ? null : await fleet.HeatAsync(Enum.Parse<HeatMeasure>(show, ignoreCase: true));
        return TypedResults.Ok(new MapAnswer(
            now.At,
            now.Roster.Version,
            [
                .. now.Roster.Sites.Select(site => new MapSite(
                    site.Id,
                    Letters(now.States.AsSpan(site.First, site.Count)),
                    // Looked at in another second than the states: a device that came in between has no value yet.
                    heat?.Roster == now.Roster ? HeatAnswer.Of(heat.Values.AsSpan(site.First, site.Count)) : null)),
            ]));
    }

    private static async Task<RosterAnswer> RosterAsync(FleetView fleet)
    {
        FleetRoster roster = (await fleet.NowAsync()).Roster;
        return new RosterAnswer(
            roster.Version,
            [.. roster.Sites.Select(site => new RosterSiteAnswer(
                site.Id,
                site.Listed?.Name,
                roster.Devices.Skip(site.First).Take(site.Count).Select(device => device.Key.Device),
                site.Racks.Names,
                site.Racks.Runs.Select(run => (int[])[run.Rack, run.Count])))]);
    }

    private static string Letters(ReadOnlySpan<DeviceState> states)
    {
        const string Letters = "umiso";
        return string.Create(states.Length, states, static (letters, states) =>
        {
            for (int i = 0; i < states.Length; i++)
            {
                letters[i] = Letters[(int)states[i]];
            }
        });
    }
}

/// <param name="EfficiencyJTh">Over the devices that report both power and hash rate.</param>
/// <param name="ThisPeriod">Of each site's running tax period.</param>
/// <param name="Sites">A page of them; what stands beside them is of all.</param>
internal sealed record FleetAnswer(
    Instant At,
    StateCounts Devices,
    decimal PowerW,
    decimal HashrateThs,
    decimal? EfficiencyJTh,
    LevyAnswer Today,
    LevyAnswer ThisPeriod,
    IReadOnlyList<SiteAnswer> Sites,
    string? Next);

/// <param name="TimeZone">Null for a site that the fleet file no longer lists; its dates are then those of UTC.</param>
/// <param name="Date">The site's local date.</param>
internal sealed record SiteAnswer(
    string Site,
    string? Name,
    string? TimeZone,
    DateOnly Date,
    string Period,
    RateAnswer Rate,
    StateCounts Devices,
    decimal PowerW,
    decimal HashrateThs,
    decimal? EfficiencyJTh,
    LevyAnswer Today,
    LevyAnswer ThisPeriod)
{
    public static SiteAnswer Of(SiteNow now, SiteLevy levy) => new(
        now.Site.Id,
        now.Site.Listed?.Name,
        now.Site.Listed?.TimeZone.Id,
        levy.Day,
        levy.Period.ToString(),
        new RateAnswer(levy.Rate.Code, levy.Rate.PerKwh, levy.Rate.LegalRef, levy.Rate.Unconfirmed),
        StateCounts.Of(now),
        now.Power.Watts,
        now.HashRate.TerahashesPerSecond,
        now.Efficiency,
        LevyAnswer.Of(levy.Today),
        LevyAnswer.Of(levy.ThisPeriod));
}

/// <param name="PerKwh">Null where the energy of today is unrated.</param>
internal sealed record RateAnswer(string Code, decimal? PerKwh, string LegalRef, IReadOnlyList<string> Unconfirmed);

internal sealed record StateCounts(int Total, int Mining, int Idle, int Stale, int Offline, int Unknown)
{
    public static StateCounts Of(SiteNow now) => new(
        Enum.GetValues<DeviceState>().Sum(now.Count),
        now.Count(DeviceState.Mining),
        now.Count(DeviceState.Idle),
        now.Count(DeviceState.Stale),
        now.Count(DeviceState.Offline),
        now.Count(DeviceState.Unknown));
}

/// <param name="UnratedKwh">In <paramref name="EnergyKwh"/>, and not in <paramref name="Amount"/>: its rate is not known.</param>
internal sealed record LevyAnswer(
    decimal EnergyKwh, decimal RegisterKwh, decimal IntegratedKwh, decimal EstimatedKwh, decimal UnratedKwh, decimal Amount, string Currency)
{
    public static LevyAnswer Of(LevySum sum) => new(
        sum.Energy.Total.KilowattHours,
        sum.Energy.Register.KilowattHours,
        sum.Energy.Integrated.KilowattHours,
        sum.Energy.Estimated.KilowattHours,
        sum.Unrated.KilowattHours,
        sum.Amount.Amount,
        sum.Amount.Currency);
}

/// <param name="Roster">The version of the roster that the letters stand for.</param>
internal sealed record MapAnswer(Instant At, string Roster, IReadOnlyList<MapSite> Sites);

/// <param name="Heat">Null where none was asked for.</param>
internal sealed record MapSite(string Site, string States, HeatAnswer? Heat);

internal sealed record RosterAnswer(string Roster, IReadOnlyList<RosterSiteAnswer> Sites);

/// <param name="Racks">Names; empty where nothing tells the devices apart.</param>
/// <param name="RackOf">For the devices in order: pairs of an index into <paramref name="Racks"/> and how many devices in a row stand there.</param>
internal sealed record RosterSiteAnswer(string Site, string? Name, IEnumerable<string> Devices, IReadOnlyList<string> Racks, IEnumerable<int[]> RackOf);
