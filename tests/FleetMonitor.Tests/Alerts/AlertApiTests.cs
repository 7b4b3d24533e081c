using System.Net;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Tests.Http;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>From readings to alerts and what people do about them, through the running service.</summary>
public sealed class AlertApiTests
{
    private const string Fleet = """
        {"sites":[{"id":"north","timeZone":"Asia/Almaty","devices":[{"id":"rig-1","role":"rig"},{"id":"rig-2","role":"rig"}]}]}
        """;

    private static readonly (string, string)[] Options =
        [("Anomalies:WarmUp", "0s"), ("Influx:Url", "http://127.0.0.1:1"), .. RunningService.Keys];

    [Fact]
    public async Task UnlistedDevice_IsOneAlert_AtTheApiAndOnMqtt()
    {
        await using RunningService service = await StartAsync();

        JsonElement alert = await UnlistedAsync(service);

        Assert.Equal(("unregistered", "stranger"), (Text(alert, "kind"), Text(alert, "device")));
        Assert.Equal(JsonValueKind.Null, alert.GetProperty("acknowledged").ValueKind);
        await Eventually(() => service.Published.Count == 1);
        (string topic, string payload) = service.Published.Single();
        Assert.Equal("fleet/north/stranger/anomaly", topic);
        Assert.Equal(Text(alert, "id"), Text(JsonSerializer.Deserialize<JsonElement>(payload), "id"));
    }

    [Fact]
    public async Task Acknowledge_ByAnOperator_IsKeptWithNameAndReason()
    {
        await using RunningService service = await StartAsync();
        string id = Text(await UnlistedAsync(service), "id");

        JsonElement after = await ActAsync(service, id, "acknowledge", """{"by":"Aigerim","reason":"on my way"}""");

        Assert.Equal("Aigerim", Text(after.GetProperty("acknowledged"), "by"));
        JsonElement history = await ReadAsync(service, $"/api/v1/anomalies/{id}");
        Assert.Equal(
            ["raised  ", "acknowledged Aigerim on my way"],
            history.GetProperty("events").EnumerateArray().Select(e => $"{Text(e, "event")} {Text(e, "by")} {Text(e, "reason")}"));
        Assert.Single(await RowsAsync(service, "?acknowledged=true"));
        Assert.Empty(await RowsAsync(service, "?acknowledged=false"));
    }

    [Fact]
    public async Task Mute_UntilThen_IsListedAsMuted_AndToldToNobody()
    {
        await using RunningService service = await StartAsync();
        string id = Text(await UnlistedAsync(service), "id");
        await Eventually(() => service.Published.Count == 1);

        JsonElement muted = await ActAsync(service, id, "mute", """{"until":"2026-11-21T11:00:00Z","by":"Aigerim","reason":"moving it"}""");
        Assert.Equal("2026-11-21T11:00:00.000Z", Text(muted.GetProperty("muted"), "until"));
        Assert.Single(await RowsAsync(service, "?active=true&muted=true"));

        await ActAsync(service, id, "clear", """{"by":"Aigerim"}""");
        await service.PassAsync(TimeSpan.FromMinutes(1));
        Assert.Empty(await RowsAsync(service, "?active=true"));
        Assert.Single(service.Published);
    }

    [Fact]
    public async Task Mute_ThatIsOver_IsToldAgain()
    {
        await using RunningService service = await StartAsync();
        string id = Text(await UnlistedAsync(service), "id");
        await ActAsync(service, id, "mute", """{"until":"2026-11-21T10:40:00Z","by":"Aigerim"}""");

        await service.PassAsync(TimeSpan.FromMinutes(11));

        await Eventually(() => service.Published.Count(one => one.Payload.Contains(id, StringComparison.Ordinal)) == 2);
        Assert.Empty(await RowsAsync(service, "?muted=true"));
    }

    [Theory]
    [InlineData("mute", """{"by":"Aigerim"}""", HttpStatusCode.BadRequest)]
    [InlineData("mute", """{"by":"Aigerim","until":"2020-01-01T00:00:00Z"}""", HttpStatusCode.BadRequest)]
    [InlineData("acknowledge", "not json", HttpStatusCode.BadRequest)]
    public async Task Act_ThatSaysTooLittle_IsRefused(string act, string body, HttpStatusCode expected)
    {
        await using RunningService service = await StartAsync();
        string id = Text(await UnlistedAsync(service), "id");

        await service.ProblemAsync(expected, $"/api/v1/anomalies/{id}/{act}", "operator", body);
    }

    [Fact]
    public async Task Act_OfAViewer_OrOnNothing_OrOnWhatIsOver_IsRefused()
    {
        await using RunningService service = await StartAsync();
        string id = Text(await UnlistedAsync(service), "id");

        await service.ProblemAsync(HttpStatusCode.Forbidden, $"/api/v1/anomalies/{id}/acknowledge", "viewer", "{}");
        await service.ProblemAsync(HttpStatusCode.NotFound, "/api/v1/anomalies/offline-x/acknowledge", "operator", "{}");
        JsonElement cleared = await ActAsync(service, id, "clear", "{}");
        Assert.NotEqual(JsonValueKind.Null, cleared.GetProperty("cleared").ValueKind);
        await service.ProblemAsync(HttpStatusCode.Conflict, $"/api/v1/anomalies/{id}/acknowledge", "operator", "{}");
    }

    [Theory]
    [InlineData("kind=nonsense", "clock-off, counter-jump")]
    [InlineData("severity=bad", "info, warning, critical")]
    [InlineData("active=perhaps", "true or false")]
    [InlineData("muted=perhaps", "true or false")]
    [InlineData("from=yesterday", "2026-11-21")]
    [InlineData("kinds=offline", "there is no such parameter")]
    public async Task Filter_ThatIsNotKnown_IsRefused_WithWhatIs(string query, string says)
    {
        await using RunningService service = await StartAsync();

        JsonElement problem = await service.ProblemAsync(HttpStatusCode.BadRequest, $"/api/v1/anomalies?{query}", "viewer");

        Assert.Contains(says, Text(problem, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_AsCsv_HasALineEach_SafeForSpreadsheets()
    {
        await using RunningService service = await StartAsync();
        string id = Text(await UnlistedAsync(service, "=cmd"), "id");
        await ActAsync(service, id, "acknowledge", """{"by":"Aigerim"}""");

        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v1/anomalies?kind=unregistered&from=2026-11-21", UriKind.Relative));
        request.Headers.Accept.ParseAdd("text/csv");
        request.Headers.Authorization = new("Bearer", "viewer");
        using HttpResponseMessage response = await service.Http.SendAsync(request);
        string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.StartsWith("id,site,device,kind,severity,raised,cleared,score,", lines[0], StringComparison.Ordinal);
        Assert.StartsWith($"{id},north,'=cmd,unregistered,warning,2026-11-21T10:30:10.000Z,,1,", Assert.Single(lines[1..]), StringComparison.Ordinal);
        Assert.Contains(",Aigerim,", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Csv_ThatIsNotAll_LeadsToTheNextPage()
    {
        await using RunningService service = await StartAsync();
        foreach (string device in (string[])["one", "two", "three"])
        {
            await SendAsync(service, device);
            await service.PassAsync(TimeSpan.FromSeconds(10));
        }

        var devices = new List<string>();
        string? page = "/api/v1/anomalies?kind=unregistered&limit=2";
        while (page is not null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(page, UriKind.Relative));
            request.Headers.Accept.ParseAdd("text/csv");
            request.Headers.Authorization = new("Bearer", "viewer");
            using HttpResponseMessage response = await service.Http.SendAsync(request);
            string[] lines = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            devices.AddRange(lines[1..].Select(line => line.Split(',')[2]));
            page = response.Headers.TryGetValues("Link", out IEnumerable<string>? links) ? links.Single().Split('<', '>')[1] : null;
        }

        Assert.Equal(["one", "three", "two"], devices.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SessionGap_IsAnAlertOfTheSite()
    {
        await using RunningService service = await StartAsync();
        await SendAsync(service, "rig-1");

        var now = Instant.From(service.Time.Now);
        await service.LoseSessionAsync(now.Minus(TimeSpan.FromMinutes(5)), now);

        await Eventually(() => service.Published.Any(one => one.Topic == "fleet/north/site/anomaly"));
        JsonElement alert = Assert.Single(await RowsAsync(service, "?kind=session-gap"));
        Assert.Equal(300, alert.GetProperty("evidence").GetProperty("gap_s").GetInt32());
    }

    [Fact]
    public async Task Clock_ThatIsSoFarAheadThatItsMessagesAreRefused_IsAnAlert()
    {
        await using RunningService service = await StartAsync();
        await SendAsync(service, "rig-1");
        for (int i = 0; i < 18; i++)
        {
            await service.PassAsync(TimeSpan.FromMinutes(1));
            DateTimeOffset claimed = service.Time.Now.AddDays(1);
            await service.PublishAsync(
                [("fleet/north/rig-1/telemetry", $$"""{"ts":"{{claimed:yyyy-MM-ddTHH:mm:ss}}Z","power_w":3000}""")], Instant.From(service.Time.Now));
        }

        await service.PassAsync(TimeSpan.FromSeconds(10));
        JsonElement alert = Assert.Single(await RowsAsync(service, "?kind=clock-off"));
        Assert.Contains("24 h fast", Text(alert, "text"), StringComparison.Ordinal);
    }

    internal static Task<RunningService> StartAsync() => RunningService.StartAsync(Fleet, Options);

    internal static string Text(JsonElement json, string name) =>
        json.GetProperty(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    internal static async Task<JsonElement[]> RowsAsync(RunningService service, string query) =>
        [.. (await ReadAsync(service, "/api/v1/anomalies" + query)).GetProperty("rows").EnumerateArray()];

    internal static async Task<JsonElement> ReadAsync(RunningService service, string path)
    {
        using HttpResponseMessage response = await service.SendAsync(path, "viewer");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
    }

    internal static async Task Eventually(Func<bool> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!holds())
        {
            await Task.Delay(20, patience.Token);
        }
    }

    private static Task SendAsync(RunningService service, string device) => service.PublishAsync(
        [($"fleet/north/{device}/telemetry", $$"""{"ts":"{{service.Time.Now:yyyy-MM-ddTHH:mm:ss}}Z","power_w":3000}""")],
        Instant.From(service.Time.Now));

    private static async Task<JsonElement> UnlistedAsync(RunningService service, string device = "stranger")
    {
        await SendAsync(service, device);
        await service.PassAsync(TimeSpan.FromSeconds(10));
        return Assert.Single(await RowsAsync(service, "?active=true"));
    }

    private static async Task<JsonElement> ActAsync(RunningService service, string id, string act, string body)
    {
        using HttpResponseMessage response = await service.SendAsync($"/api/v1/anomalies/{id}/{act}", "operator", body);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }
}
