using System.Net;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>All lists alike: JSON unless CSV is asked for, and page by page.</summary>
public sealed class ListTests
{
    private const string Fleet = """
        {"sites":[
          {"id":"north","timeZone":"Asia/Almaty","devices":[{"id":"meter-1","role":"control-meter"},{"id":"rig-1","role":"rig","model":"=S19"}]},
          {"id":"south","timeZone":"Asia/Almaty","devices":[]}]}
        """;

    /// <summary>Each list, the member that has its rows, and what its table begins with.</summary>
    public static TheoryData<string, string, string> Lists => new()
    {
        { "/api/v1/fleet", "sites", "site,name,timeZone,date,period,rateCode,perKwh,legalRef,unconfirmed,devices,mining,idle,stale,offline,unknown,powerW," },
        { "/api/v1/devices", "rows", "site,device,role,model,tenant,registration,state,billing,readingAt,ageS,powerW,hashrateThs,efficiencyJTh,temperatureC," },
        { "/api/v1/devices?site=north&state=mining", "rows", "site,device,role,model," },
        { "/api/v1/levy/totals?group=device,day", "rows", "site,period,day,device,rateCode,perKwh,legalRef,energyKwh,registerKwh,integratedKwh,estimatedKwh,amount,currency," },
        { "/api/v1/levy/periods", "rows", "site,period,state,from,to,hash,energyKwh,registerKwh,integratedKwh,estimatedKwh,unratedKwh,estimatedShare,amount,currency," },
        { "/api/v1/reconciliation?from=2026-01-01", "rows", "site,day,controlMeterKwh,devicesKwh,differenceKwh,differenceShare" },
        { "/api/v1/anomalies", "rows", "id,site,device,kind,severity,raised,cleared,score,kwhPerDay,levyPerDay," },
        { "/api/v1/quarantine", "rows", "id,receivedAt,source,reason,where,detail,topic,payload,payloadBase64" },
        { "/api/v1/quarantine?reason=implausible", "rows", "id,receivedAt,source,reason,where,detail,topic,payload,payloadBase64" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task List_AcceptedAsCsv_HasALineForEachRowOfItsJson(string path, string rows, string heading)
    {
        await using RunningService service = await StartAsync();

        (string type, string[] lines, _) = await CsvAsync(service, path, "text/csv");

        Assert.Equal("text/csv; charset=utf-8", type);
        Assert.StartsWith(heading, lines[0] + ",", StringComparison.Ordinal);
        int expected = (await service.GetAsync(path)).GetProperty(rows).GetArrayLength();
        Assert.True(expected > 1, $"{path} has {expected} rows: too few to tell");
        Assert.Equal(expected, lines.Length - 1);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task List_RowByRow_IsTheWholeAsJsonAndAsCsv(string path, string rows, string heading)
    {
        await using RunningService service = await StartAsync();
        string[] whole = [.. (await service.GetAsync(path)).GetProperty(rows).EnumerateArray().Select(row => row.GetRawText())];
        (_, string[] lines, string? more) = await CsvAsync(service, path, "text/csv");
        string first = $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit=1";

        var walked = new List<string>();
        for (string? at = first; at is not null;)
        {
            JsonElement page = await service.GetAsync(at);
            walked.AddRange(page.GetProperty(rows).EnumerateArray().Select(row => row.GetRawText()));
            at = page.GetProperty("next").GetString() is { } next ? $"{first}&after={next}" : null;
        }

        var linked = new List<string>();
        for (string? at = first; at is not null;)
        {
            (_, string[] page, string? next) = await CsvAsync(service, at, "text/csv");
            Assert.StartsWith(heading, page[0] + ",", StringComparison.Ordinal);
            linked.AddRange(page[1..]);
            at = next;
        }

        Assert.Equal(whole, walked);
        Assert.Equal(lines[1..], linked);
        Assert.Null(more);
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task List_PagedWrongly_SaysWhatToSend(string path, string rows, string heading)
    {
        await using RunningService service = await StartAsync();
        Assert.NotEmpty(rows + heading);
        foreach (string wrong in (string[])["limit=0", "limit=-1", "limit=x", "limit=100001", "after=nonsense!", "after=bm9uZQ"])
        {
            JsonElement problem = await service.ProblemAsync(
                HttpStatusCode.BadRequest, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{wrong}");

            Assert.Equal(wrong[..wrong.IndexOf('=', StringComparison.Ordinal)], problem.GetProperty("errors")[0].GetProperty("parameter").GetString());
        }
    }

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", "application/json")]
    [InlineData("text/csv;q=0.5,application/json", "application/json")]
    [InlineData("text/csv;q=0,*/*", "application/json")]
    [InlineData("text/csv", "text/csv")]
    [InlineData("TEXT/CSV; charset=utf-8", "text/csv")]
    [InlineData("text/*", "text/csv")]
    [InlineData("text/csv,application/json", "text/csv")]
    [InlineData("text/csv,*/*", "text/csv")]
    [InlineData("application/json;q=0.9,text/csv", "text/csv")]
    public async Task Type_ByWhatIsAccepted_IsJsonUnlessCsvIsNamed(string? accept, string type)
    {
        await using RunningService service = await RunningService.StartAsync();

        using HttpResponseMessage response = await AskAsync(service, "/api/v1/devices", accept);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("Accept", response.Headers.Vary);
    }

    [Theory]
    [InlineData("/api/v1/devices", "application/xml", "application/json or text/csv")]
    [InlineData("/api/v1/devices", "application/json;q=0", "application/json or text/csv")]
    [InlineData("/api/v1/service", "text/csv", "application/json")]
    public async Task Type_ThatIsNotGiven_IsRefusedWithThoseThatAre(string path, string accept, string given)
    {
        await using RunningService service = await RunningService.StartAsync();

        using HttpResponseMessage response = await AskAsync(service, path, accept);

        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(
            $"This is given as {given}.",
            JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Csv_OfATextThatIsAFormula_IsSafeInASpreadsheet()
    {
        await using RunningService service = await StartAsync();

        (_, string[] lines, _) = await CsvAsync(service, "/api/v1/devices?site=north&search=rig-1", "text/csv");

        Assert.StartsWith("north,rig-1,rig,'=S19,,listed,mining,", lines[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/devices/north/rig-1", "site,device,day,energyKwh,registerKwh,integratedKwh,estimatedKwh", "north,rig-1,2026-11-20,0.5,0.5,0,0")]
    [InlineData("/api/v1/devices/north/rig-1/readings?hours=36&points=1", "at,readings,powerMeanW,", "2026-11-19T22:30:10.000Z,4,3000,")]
    [InlineData("/api/v1/levy/periods/2026-Q4?site=north", "kind,charge,code,rate,legalRef,energyKwh,", "energy,kz-digital-mining-fee,kz-2026-base,2,")]
    [InlineData("/api/v1/levy/periods/2026-Q4/statement?site=north", "kind,charge,code,rate,legalRef,energyKwh,", "energy,kz-digital-mining-fee,kz-2026-base,2,")]
    public async Task One_AcceptedAsCsv_IsItsTable(string path, string heading, string line)
    {
        await using RunningService service = await StartAsync();

        (_, string[] lines, string? next) = await CsvAsync(service, path, "text/csv");

        Assert.StartsWith(heading, lines[0], StringComparison.Ordinal);
        Assert.StartsWith(line, lines[1], StringComparison.Ordinal);
        Assert.Null(next);
    }

    /// <summary>Two sites over two days, of which one began in a period before; two refusals of one reason and one of another.</summary>
    private static async Task<RunningService> StartAsync()
    {
        RunningService service = await RunningService.StartAsync(Fleet, ("Anomalies:WarmUp", "0s"));
        List<(string Device, string At, string Fields)> sent =
        [
            ("south/rig-9", "2026-09-01T10:00:00", "\"energy_wh\":0"), ("south/rig-9", "2026-09-01T10:30:00", "\"energy_wh\":500"),
            .. from device in (string[])["meter-1", "rig-1", "rig-2"]
               from reading in ((string At, int Register)[])
                   [("2026-11-20T10:00:00", 0), ("2026-11-20T10:30:00", 500), ("2026-11-21T10:00:00", 500), ("2026-11-21T10:30:00", 900)]
               select ($"north/{device}", reading.At, $"\"energy_wh\":{reading.Register},\"power_w\":3000,\"hashrate_ths\":90"),
            ("north/rig-3", "2026-11-21T10:30:00", "\"power_w\":-5"), ("north/rig-4", "2026-11-21T10:30:00", "\"power_w\":-6"),
            ("north/rig-4", "2026-11-21T10:30:00", "\"power_w\":\"6\""),
        ];
        await service.PublishAsync(
            [.. sent.Select(one => ($"fleet/{one.Device}/telemetry", $$"""{"ts":"{{one.At}}Z",{{one.Fields}}}"""))], Instant.From(service.Time.Now));
        await service.TickAsync();
        return service;
    }

    private static async Task<(string Type, string[] Lines, string? Next)> CsvAsync(RunningService service, string path, string accept)
    {
        using HttpResponseMessage response = await AskAsync(service, path, accept);
        string body = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, $"{path}: {(int)response.StatusCode} {body}");
        string? next = null;
        if (response.Headers.TryGetValues("Link", out IEnumerable<string>? links))
        {
            string link = Assert.Single(links);
            Assert.EndsWith(">; rel=\"next\"", link, StringComparison.Ordinal);
            next = link[1..link.IndexOf('>', StringComparison.Ordinal)];
        }

        Assert.EndsWith("\r\n", body, StringComparison.Ordinal);
        return (response.Content.Headers.ContentType!.ToString(), body[..^2].Split("\r\n"), next);
    }

    private static async Task<HttpResponseMessage> AskAsync(RunningService service, string path, string? accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        if (accept is not null)
        {
            Assert.True(request.Headers.TryAddWithoutValidation("Accept", accept));
        }

        return await service.Http.SendAsync(request);
    }
}
