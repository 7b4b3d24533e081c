using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class FinanceTests
{
    private const string Close = "/api/v1/levy/periods/2026-Q3/close";

    [Fact]
    public async Task Periods_OneOverAndOneRunning_AreProvisionalAndOpen()
    {
        await using RunningService service = await StartWithSeptemberAsync();
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "viewer");

        JsonElement list = await service.GetAsync("/api/v1/levy/periods?site=north");

        Assert.Equal(
            ["2026-Q3 provisional", "2026-Q4 open"],
            list.GetProperty("rows").EnumerateArray().Select(row => $"{row.GetProperty("period")} {row.GetProperty("state")}"));
    }

    [Fact]
    public async Task Period_LinesAndDeadlines_AreThoseOfTheStatement()
    {
        await using RunningService service = await StartWithSeptemberAsync();
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "viewer");

        JsonElement period = await service.GetAsync("/api/v1/levy/periods/2026-Q3");

        JsonElement line = period.GetProperty("lines")[0];
        Assert.Equal("10.5 21 21", $"{line.GetProperty("energy").GetProperty("energyKwh").GetRawText()} {line.GetProperty("exact").GetRawText()} {line.GetProperty("amount").GetRawText()}");
        Assert.Equal("2026-11-16", period.GetProperty("deadlines").GetProperty("declaration").GetString());
    }

    [Fact]
    public async Task Close_ByFinance_FilesAStatementThatItsHashProves()
    {
        await using RunningService service = await StartWithSeptemberAsync();

        using HttpResponseMessage response = await service.SendAsync(Close, "finance", """{"by":"Aigerim S."}""");
        JsonElement filed = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "viewer");
        JsonElement statement = await service.GetAsync("/api/v1/levy/periods/2026-Q3/statement");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        string canonical = filed.GetProperty("statement").GetRawText();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical))), filed.GetProperty("hash").GetString());
        Assert.Equal("closed", statement.GetProperty("state").GetString());
        Assert.Equal(filed.GetProperty("hash").GetString(), statement.GetProperty("hash").GetString());
        Assert.Equal("Aigerim S.", statement.GetProperty("statement").GetProperty("closed").GetProperty("by").GetString());
    }

    [Theory]
    [InlineData("2026-Q4", """{"site":"north","by":"A. B."}""", HttpStatusCode.Conflict, "not-over")]
    [InlineData("2027-Q1", """{"site":"north","by":"A. B.","force":true}""", HttpStatusCode.Conflict, "not-begun")]
    [InlineData("2026-Q3", """{"site":"north","by":"A.\nB."}""", HttpStatusCode.BadRequest, "name-unfit")]
    [InlineData("2026-Q3", """{"site":"north"}""", HttpStatusCode.BadRequest, "name-missing")]
    [InlineData("2026-Q3", """{"site":"south","by":"A. B."}""", HttpStatusCode.NotFound, "unknown-site")]
    [InlineData("2026-Q3", """{"site":"north","by":"A. B.","amend":true}""", HttpStatusCode.Conflict, "not-closed")]
    public async Task Close_ThatCannotBe_SaysWhy(string period, string body, HttpStatusCode status, string refusal)
    {
        await using RunningService service = await StartWithSeptemberAsync();

        JsonElement problem = await service.ProblemAsync(status, $"/api/v1/levy/periods/{period}/close", "finance", body);

        Assert.Equal(refusal, problem.GetProperty("refusal").GetString());
    }

    [Fact]
    public async Task Close_AsADryRun_SaysWhatWouldBeFiled_AndFilesNothing()
    {
        await using RunningService service = await StartWithSeptemberAsync();

        using HttpResponseMessage response = await service.SendAsync(Close, "finance", """{"by":"Aigerim S.","dryRun":true}""");
        JsonElement answer = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "viewer");

        Assert.False(answer.GetProperty("filed").GetBoolean());
        Assert.Equal("21", answer.GetProperty("statement").GetProperty("amounts")[0].GetProperty("amount").GetRawText());
        Assert.Contains("payer-missing", answer.GetProperty("warnings").EnumerateArray().Select(warning => warning.GetProperty("code").GetString()));
        Assert.Equal("provisional", (await service.GetAsync("/api/v1/levy/periods/2026-Q3")).GetProperty("state").GetString());
    }

    [Theory]
    [InlineData("adjustments", """{"site":"north","day":"2026-09-20","by":"A. B.","reason":"r","kwh":1e18}""", "1000000000000000000 kWh are more than the books can hold")]
    [InlineData("adjustments", """{"site":"north","day":"2026-09-20","by":"A. B.","reason":"r","kwh":13248001}""", "more than north can draw in 2026-Q3")]
    [InlineData("adjustments", """{"site":"zzz","day":"2026-09-20","by":"A. B.","reason":"r","kwh":1}""", "the fleet has no site 'zzz': there are north")]
    [InlineData("adjustments", """{"site":"north","device":"rig-9","day":"2026-09-20","by":"A. B.","reason":"r","kwh":1}""", "no device 'rig-9' has reported from north")]
    [InlineData("turnover", """{"site":"north","day":"2027-01-01","by":"A. B.","reason":"r","charge":"kz-astana-hub-royalty","amount":1}""", "2027-Q1 begins on 2027-01-01")]
    [InlineData("turnover", """{"site":"north","day":"2026-09-20","by":"A. B.","reason":"r","charge":"kz-astana-hub-royalty","amount":1e14}""", "more than any entry can be")]
    public async Task Entry_ThatNobodyCanHaveMeant_IsRefusedWithWhatToDo(string path, string body, string detail)
    {
        await using RunningService service = await StartWithSeptemberAsync();

        JsonElement problem = await service.ProblemAsync(HttpStatusCode.BadRequest, $"/api/v1/levy/{path}", "finance", body);

        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adjustment_Entered_IsALineOfItsPeriod()
    {
        await using RunningService service = await StartWithSeptemberAsync();

        using HttpResponseMessage response = await service.SendAsync(
            "/api/v1/levy/adjustments", "finance", """{"site":"north","day":"2026-09-20","by":"A. B.","reason":"meter was bypassed","kwh":1.5}""");
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "viewer");
        JsonElement period = await service.GetAsync("/api/v1/levy/periods/2026-Q3");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("manual 3", $"{period.GetProperty("lines")[1].GetProperty("kind")} {period.GetProperty("lines")[1].GetProperty("exact").GetRawText()}");
    }

    [Theory]
    [InlineData("csv", "text/csv")]
    [InlineData("html", "text/html")]
    [InlineData("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    public async Task Export_InEachFormat_IsAFileOfThatType(string format, string type)
    {
        await using RunningService service = await StartWithSeptemberAsync();

        using HttpResponseMessage response = await service.SendAsync($"/api/v1/levy/periods/2026-Q3/export?format={format}", "viewer");

        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal($"north-2026-Q3-lines.{format}", response.Content.Headers.ContentDisposition?.FileName);
    }

    [Fact]
    public async Task Reconciliation_ControlMeterAndDevices_ShowsWhatNobodyReports()
    {
        const string FleetFile = """
            {"sites":[{"id":"north","timeZone":"Asia/Almaty","devices":[{"id":"meter-1","role":"control-meter"},{"id":"rig-1","role":"rig"}]}]}
            """;
        await using RunningService service = await RunningService.StartAsync(FleetFile);
        foreach ((string device, int wattHours) in new[] { ("meter-1", 5_000), ("rig-1", 4_800) })
        {
            await service.SendAsync("north", device, "2026-11-21T09:00:00", "\"energy_wh\":0");
            await service.SendAsync("north", device, "2026-11-21T10:00:00", $"\"energy_wh\":{wattHours}");
        }

        JsonElement reconciliation = await service.GetAsync("/api/v1/reconciliation");

        Assert.Equal(
            """{"rows":[{"site":"north","day":"2026-11-21","controlMeterKwh":5,"devicesKwh":4.8,"differenceKwh":0.2,"differenceShare":0.04}],"next":null}""",
            reconciliation.GetRawText());
    }

    /// <summary>10.5 kWh in September, at 2 KZT.</summary>
    private static async Task<RunningService> StartWithSeptemberAsync()
    {
        RunningService service = await RunningService.StartAsync(null, RunningService.Keys);
        await service.SendAsync("north", "rig-1", "2026-09-15T10:00:00", "\"energy_wh\":1000");
        await service.SendAsync("north", "rig-1", "2026-09-15T14:00:00", "\"energy_wh\":11500");
        return service;
    }
}
