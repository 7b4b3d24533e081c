using System.Net;
using System.Text.Json;
using FleetMonitor.Fleet.Units;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>What <c>/openapi/v1.json</c> says is what the service answers: every endpoint, held against its schema.</summary>
public sealed class ApiDescriptionTests
{
    private const string Fleet = """
        {"sites":[{"id":"north","name":"North","timeZone":"Asia/Almaty","maxPowerKw":1000,"payer":{"name":"Example LLP","bin":"123456789012"},
          "energySource":[{"from":"2022-01-01","value":"grid","by":"A. B."}],"controlMeters":["meter-1"],
          "devices":[{"id":"meter-1","role":"control-meter"},
            {"id":"rig-1","role":"rig","model":"S19","nameplate":{"powerW":3250,"hashrateThs":110},"tenant":[{"from":"2022-01-01","value":"acme"}]}]}]}
        """;

    /// <summary>What to ask, in this order: the endpoint as described, its address, and what is posted.</summary>
    private static readonly (string Endpoint, string Address, string? Post)[] Questions =
    [
        ("/healthz", "/healthz", null),
        ("/readyz", "/readyz", null),
        ("/metrics", "/metrics", null),
        ("/api/v1/fleet", "/api/v1/fleet", null),
        ("/api/v1/fleet/map", "/api/v1/fleet/map?show=power", null),
        ("/api/v1/fleet/map", "/api/v1/fleet/map", null),
        ("/api/v1/fleet/roster", "/api/v1/fleet/roster", null),
        ("/api/v1/devices", "/api/v1/devices", null),
        ("/api/v1/devices/{site}/{device}", "/api/v1/devices/north/rig-1", null),
        ("/api/v1/devices/{site}/{device}", "/api/v1/devices/north/rig-2", null),
        ("/api/v1/devices/{site}/{device}", "/api/v1/devices/north/none", null),
        ("/api/v1/devices/{site}/{device}/readings", "/api/v1/devices/north/rig-1/readings", null),
        ("/api/v1/levy/totals", "/api/v1/levy/totals", null),
        ("/api/v1/levy/totals", "/api/v1/levy/totals?group=device,tenant,day&limit=1", null),
        ("/api/v1/levy/totals", "/api/v1/levy/totals?from=yesterday", null),
        ("/api/v1/levy/trace", "/api/v1/levy/trace?device=rig-1&day=2026-11-21&readings=true", null),
        ("/api/v1/levy/trace", "/api/v1/levy/trace?device=none&day=2026-11-21", null),
        ("/api/v1/levy/adjustments", "/api/v1/levy/adjustments", """{"site":"north","day":"2026-09-20","by":"A. B.","reason":"bypassed","kwh":1.5}"""),
        ("/api/v1/levy/adjustments", "/api/v1/levy/adjustments", """{"site":"north"}"""),
        ("/api/v1/levy/turnover", "/api/v1/levy/turnover",
            """{"site":"north","day":"2026-09-20","by":"A. B.","reason":"September","charge":"kz-astana-hub-royalty","amount":1000}"""),
        ("/api/v1/levy/periods/{period}/close", "/api/v1/levy/periods/2026-Q4/close", """{"by":"A. B."}"""),
        ("/api/v1/levy/periods/{period}/close", "/api/v1/levy/periods/2026-Q3/close", """{"by":"A. B.","force":true}"""),
        ("/api/v1/levy/adjustments", "/api/v1/levy/adjustments", """{"site":"north","day":"2026-09-21","by":"A. B.","reason":"found","amount":7}"""),
        ("/api/v1/levy/periods/{period}/statement", "/api/v1/levy/periods/2026-Q3/statement", null),
        ("/api/v1/levy/periods/{period}/close", "/api/v1/levy/periods/2026-Q3/close", """{"by":"A. B.","amend":true,"force":true}"""),
        ("/api/v1/levy/periods", "/api/v1/levy/periods", null),
        ("/api/v1/levy/periods", "/api/v1/levy/periods?site=none", null),
        ("/api/v1/levy/periods/{period}", "/api/v1/levy/periods/2026-Q3", null),
        ("/api/v1/levy/periods/{period}", "/api/v1/levy/periods/2026-Q4", null),
        ("/api/v1/levy/periods/{period}/statement", "/api/v1/levy/periods/2026-Q3/statement", null),
        ("/api/v1/levy/periods/{period}/statement", "/api/v1/levy/periods/2026-Q9/statement", null),
        ("/api/v1/levy/periods/{period}/export", "/api/v1/levy/periods/2026-Q3/export?format=csv", null),
        ("/api/v1/levy/periods/{period}/export", "/api/v1/levy/periods/2026-Q3/export?format=xlsx", null),
        ("/api/v1/levy/postings", "/api/v1/levy/postings", null),
        ("/api/v1/levy/postings", "/api/v1/levy/postings?period=2026-Q9", null),
        ("/api/v1/reconciliation", "/api/v1/reconciliation", null),
        ("/api/v1/anomalies", "/api/v1/anomalies", null),
        ("/api/v1/anomalies/{id}", "/api/v1/anomalies/none", null),
        ("/api/v1/anomalies/{id}", "/api/v1/anomalies/{id}", null),
        ("/api/v1/anomalies/{id}/acknowledge", "/api/v1/anomalies/{id}/acknowledge", """{"by":"A. B."}"""),
        ("/api/v1/anomalies/{id}/mute", "/api/v1/anomalies/{id}/mute", """{"by":"A. B.","until":"2026-11-22T00:00:00Z"}"""),
        ("/api/v1/anomalies/{id}/unmute", "/api/v1/anomalies/{id}/unmute", "{}"),
        ("/api/v1/anomalies/{id}/clear", "/api/v1/anomalies/{id}/clear", "{}"),
        ("/api/v1/anomalies/{id}/clear", "/api/v1/anomalies/{id}/clear", "{}"),
        ("/api/v1/quarantine", "/api/v1/quarantine", null),
        ("/api/v1/quarantine/retry", "/api/v1/quarantine/retry", "{}"),
        ("/api/v1/evidence", "/api/v1/evidence", null),
        ("/api/v1/service", "/api/v1/service", null),
        ("/api/v1/me", "/api/v1/me", null),
    ];

    [Fact]
    public async Task Answers_OfEveryEndpoint_AreAsDescribed()
    {
        await using RunningService service = await StartAsync();
        JsonElement document = await service.GetAsync("/openapi/v1.json");
        string anomaly = (await service.GetAsync("/api/v1/anomalies")).GetProperty("rows")[0].GetProperty("id").GetString()!;
        var faults = new List<string>();
        var well = new HashSet<string>();
        var refusals = new Dictionary<string, string>();
        foreach ((string endpoint, string address, string? post) in Questions)
        {
            JsonElement operation = document.GetProperty("paths").GetProperty(endpoint).GetProperty(post is null ? "get" : "post");
            using HttpResponseMessage response = await service.SendAsync(address.Replace("{id}", anomaly, StringComparison.Ordinal), key: "finance", post);
            faults.AddRange((await FaultsAsync(document, operation, response)).Select(fault => $"{address}: {(int)response.StatusCode}: {fault}"));
            string asked = $"{(post is null ? "get" : "post")} {endpoint}";
            if (response.IsSuccessStatusCode)
            {
                well.Add(asked);
            }
            else
            {
                refusals[asked] = await response.Content.ReadAsStringAsync();
            }
        }

        Assert.Empty(faults);
        string[] described =
        [
            .. from path in document.GetProperty("paths").EnumerateObject()
               from operation in path.Value.EnumerateObject()
               where operation.Name != "head"
               select $"{operation.Name} {path.Name}",
        ];
        Assert.Empty(described.Except(well).Select(endpoint => $"{endpoint} was not seen to answer: {refusals.GetValueOrDefault(endpoint)}"));
    }

    [Fact]
    public async Task Document_EveryOperation_HasASummaryOneOfEachParameterAndReferencesThatHold()
    {
        await using RunningService service = await RunningService.StartAsync();
        JsonElement document = await service.GetAsync("/openapi/v1.json");

        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (JsonProperty operation in path.Value.EnumerateObject())
            {
                Assert.True(operation.Value.TryGetProperty("summary", out _), $"{operation.Name} {path.Name} has no summary");
                string[] parameters = operation.Value.TryGetProperty("parameters", out JsonElement taken)
                    ? [.. taken.EnumerateArray().Select(parameter => $"{parameter.GetProperty("in")} {parameter.GetProperty("name")}")]
                    : [];
                Assert.Distinct(parameters);
            }
        }

        var check = new SchemaCheck(document);
        foreach (string reference in References(document).Distinct())
        {
            Assert.Equal(JsonValueKind.Object, check.Resolve(reference).ValueKind);
        }
    }

    private static IEnumerable<string> References(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(member =>
            member is { Name: "$ref", Value.ValueKind: JsonValueKind.String } ? [member.Value.GetString()!] : References(member.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static async Task<IReadOnlyList<string>> FaultsAsync(JsonElement document, JsonElement operation, HttpResponseMessage response)
    {
        JsonElement responses = operation.GetProperty("responses");
        if (!responses.TryGetProperty(((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture), out JsonElement described))
        {
            described = responses.GetProperty("default");
        }

        string type = response.Content.Headers.ContentType!.MediaType!;
        if (!described.GetProperty("content").TryGetProperty(type, out JsonElement content))
        {
            return [$"{type} is not described"];
        }

        if (!type.EndsWith("json", StringComparison.Ordinal))
        {
            return [];
        }

        var check = new SchemaCheck(document);
        using JsonDocument answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        if (response.StatusCode >= HttpStatusCode.BadRequest)
        {
            // Problem details may have more members than are described (RFC 9457, section 3.2).
            Assert.Equal((int)response.StatusCode, answer.RootElement.GetProperty("status").GetInt32());
            return [];
        }

        check.Check(answer.RootElement, content.GetProperty("schema"), "answer");
        return check.Faults;
    }

    private static async Task<RunningService> StartAsync()
    {
        RunningService service = await RunningService.StartAsync(Fleet, [.. RunningService.Keys, ("Anomalies:WarmUp", "0s")]);
        service.Http.DefaultRequestHeaders.Authorization = new("Bearer", "finance");
        List<(string Device, string At, string Fields)> sent =
        [
            .. from device in (string[])["meter-1", "rig-1", "rig-2"]
               from reading in ((string At, int Register)[])[("2026-09-20T10:00:00", 0), ("2026-09-20T10:30:00", 500), ("2026-11-21T10:30:00", 900)]
               select (device, reading.At, $"\"energy_wh\":{reading.Register},\"power_w\":3000,\"hashrate_ths\":90,\"temp_c\":61.5,\"status\":\"mining\""),
            ("rig-3", "2026-11-21T09:00:00", "\"power_w\":3000"), ("rig-3", "2026-11-21T10:00:00", "\"power_w\":3000"),
            ("rig-1", "2026-11-21T10:30:00", "\"power_w\":-5"),
        ];
        await service.PublishAsync(
            [.. sent.Select(one => ($"fleet/north/{one.Device}/telemetry", $$"""{"ts":"{{one.At}}Z",{{one.Fields}}}"""))], Instant.From(service.Time.Now));
        await service.TickAsync();
        return service;
    }
}
