using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Telemetry;
using Microsoft.OpenApi;

namespace FleetMonitor.Service.Http;

/// <summary><c>/api/v1/devices/{site}/{device}/readings</c>: a device's last hours, from the readings that are kept.</summary>
internal static class ReadingEndpoints
{
    private static readonly CsvTable<ReadingsPoint> Table = new CsvTable<ReadingsPoint>()
        .Time("at", row => row.At).Number("readings", row => row.Readings)
        .Number("powerMeanW", row => row.PowerMeanW).Number("powerMinW", row => row.PowerMinW).Number("powerMaxW", row => row.PowerMaxW)
        .Number("hashrateMeanThs", row => row.HashrateMeanThs).Number("temperatureMaxC", row => row.TemperatureMaxC)
        .Number("registerKwh", row => row.RegisterKwh);

    public static void MapReadings(this IEndpointRouteBuilder routes) => routes
        .MapGet("/devices/{site}/{device}/readings", AnswerAsync)
        .WithQuery(
            new QueryParameter("hours", "How far back, up to 168; 24 where absent.", JsonSchemaType.Integer),
            new QueryParameter("points", "How many points that makes, up to 2000; 288 where absent.", JsonSchemaType.Integer))
        .WithSummary("A device's kept readings of the last hours, thinned out: mean, least and greatest of each stretch of time.").WithTags("fleet")
        .ProducesList<ReadingsAnswer>(Table.Columns).ProducesProblem(StatusCodes.Status404NotFound);

    private static async Task<IResult> AnswerAsync(string site, string device, HttpRequest request, ServiceContext context)
    {
        var query = new QueryReader(request.Query);
        int hours = query.Number("hours", 24, 1, 168);
        int points = query.Number("points", 288, 1, 2_000);
        if (query.Refusal is { } refusal)
        {
            return refusal;
        }

        var key = new DeviceKey(site, device);
        var to = Instant.From(context.Time.GetUtcNow());
        Instant from = to.Minus(TimeSpan.FromHours(hours));
        if (await KeptReadings.OfAsync(context, key, from) is not { } kept)
        {
            return TypedResults.Problem($"No device {key} has been heard of.", statusCode: StatusCodes.Status404NotFound);
        }

        using (kept)
        {
            List<ReadingsPoint> rows = Thin(kept.Readings(), from, to, points);
            return ListAnswers.Of(new ReadingsAnswer(from, to, rows), Table, rows, next: null);
        }
    }

    private static List<ReadingsPoint> Thin(IEnumerable<Reading> readings, Instant from, Instant to, int points)
    {
        long width = Math.Max(1, (to.UnixMilliseconds - from.UnixMilliseconds) / points);
        return
        [
            .. readings.Where(reading => reading.At >= from && reading.At < to)
                .GroupBy(reading => (reading.At.UnixMilliseconds - from.UnixMilliseconds) / width)
                .OrderBy(group => group.Key)
                .Select(group => ReadingsPoint.Of(new Instant(from.UnixMilliseconds + (group.Key * width)), [.. group])),
        ];
    }
}

internal sealed record ReadingsAnswer(Instant From, Instant To, IReadOnlyList<ReadingsPoint> Rows);

/// <param name="At">Where the stretch begins. Stretches without readings are left out: missing is not zero.</param>
internal sealed record ReadingsPoint(
    Instant At,
    int Readings,
    decimal? PowerMeanW,
    decimal? PowerMinW,
    decimal? PowerMaxW,
    decimal? HashrateMeanThs,
    decimal? TemperatureMaxC,
    decimal? RegisterKwh)
{
    public static ReadingsPoint Of(Instant at, IReadOnlyList<Reading> readings)
    {
        Reading[] power = [.. readings.Where(reading => reading.HasPower)];
        Reading[] hash = [.. readings.Where(reading => reading.HasHashRate)];
        Reading[] heat = [.. readings.Where(reading => reading.HasTemperature)];
        Reading[] register = [.. readings.Where(reading => reading.HasRegister)];
        return new ReadingsPoint(
            at,
            readings.Count,
            power.Length == 0 ? null : decimal.Round(power.Average(reading => reading.Power.Watts), 3),
            power.Length == 0 ? null : power.Min(reading => reading.Power.Watts),
            power.Length == 0 ? null : power.Max(reading => reading.Power.Watts),
            hash.Length == 0 ? null : decimal.Round(hash.Average(reading => reading.HashRate.TerahashesPerSecond), 6),
            heat.Length == 0 ? null : heat.Max(reading => reading.Temperature.Celsius),
            register.Length == 0 ? null : register[^1].Register.KilowattHours);
    }
}
