using System.Text.Json;
using System.Text.Json.Nodes;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Influx;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace FleetMonitor.Tests.Influx;

/// <summary>
/// Setting up an InfluxDB 2, against a server that answers as its documentation says (https://docs.influxdata.com/influxdb/v2/api/v2/).
/// </summary>
public sealed class StoreSetupTests : IAsyncLifetime
{
    private readonly JsonArray _buckets = [];
    private readonly JsonArray _mappings = [];
    private readonly WebApplication _server;

    public StoreSetupTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Use((HttpContext http, RequestDelegate next) => http.Request.Headers.Authorization == "Token secret"
            ? next(http)
            : Results.Json(new { code = "unauthorized", message = "unauthorized access" }, statusCode: 401).ExecuteAsync(http));
        _server.MapGet("/api/v2/orgs", (string org) => org == "mine"
            ? Results.Json(new { orgs = new[] { new { id = "o1", name = org } } })
            : Results.Json(new { code = "not found", message = "organization name not found" }, statusCode: 404));
        _server.MapGet("/api/v2/buckets", (string orgID, string name) =>
            Results.Json(new { buckets = _buckets.Where(bucket => bucket!["orgID"]!.GetValue<string>() == orgID && bucket["name"]!.GetValue<string>() == name) }));
        _server.MapPost("/api/v2/buckets", (JsonElement bucket) => Results.Json(Add(_buckets, bucket, "b1"), statusCode: 201));
        _server.MapPatch("/api/v2/buckets/b1", (JsonElement change) =>
        {
            _buckets[0]!["retentionRules"] = JsonNode.Parse(change.GetProperty("retentionRules").GetRawText());
            return Results.Json(_buckets[0]);
        });
        _server.MapGet("/api/v2/dbrps", (string orgID, string db) => Results.Json(new { content = _mappings }));
        _server.MapPost("/api/v2/dbrps", (JsonElement mapping) => Results.Json(Add(_mappings, mapping, "m1"), statusCode: 201));
    }

    public Task InitializeAsync() => _server.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task Setup_OfAnEmptyStore_MakesBucketAndMapping()
    {
        IReadOnlyList<string> done = await RunAsync(TimeSpan.FromDays(400));

        Assert.Equal(["bucket fleet: made", "points are kept for 400 days", "mapping for InfluxQL: made"], done);
        Assert.Equal(400 * 86_400, _buckets[0]!["retentionRules"]![0]!["everySeconds"]!.GetValue<long>());
        Assert.Equal(("b1", "fleet", "autogen", true), (
            _mappings[0]!["bucketID"]!.GetValue<string>(),
            _mappings[0]!["database"]!.GetValue<string>(),
            _mappings[0]!["retention_policy"]!.GetValue<string>(),
            _mappings[0]!["default"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task Setup_Twice_ChangesNothing()
    {
        await RunAsync(TimeSpan.FromDays(400));
        IReadOnlyList<string> done = await RunAsync(retention: null);

        Assert.Equal(["bucket fleet: is there", "mapping for InfluxQL: is there"], done);
        Assert.Single(_buckets);
        Assert.Single(_mappings);
        Assert.Equal(400 * 86_400, _buckets[0]!["retentionRules"]![0]!["everySeconds"]!.GetValue<long>());
    }

    [Fact]
    public async Task Setup_WithAMappingThatTheStoreOnlyMadeUp_MakesARealOne()
    {
        _mappings.Add(JsonNode.Parse("""{"id":"v","database":"fleet","virtual":true}"""));

        Assert.Contains("mapping for InfluxQL: made", await RunAsync(retention: null));
    }

    [Fact]
    public async Task Setup_OfAnUnknownOrganisation_SaysSo()
    {
        StoreSetupException refused = await Assert.ThrowsAsync<StoreSetupException>(() => RunAsync(null, organisation: "other"));

        Assert.Contains("no organisation other", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_WithAWrongToken_SaysWhatToSet()
    {
        StoreSetupException refused = await Assert.ThrowsAsync<StoreSetupException>(() => RunAsync(null, token: "wrong"));

        Assert.Contains("Influx:Token", refused.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> RunAsync(TimeSpan? retention, string organisation = "mine", string token = "secret")
    {
        var settings = new InfluxSettings(
            new Uri(_server.Urls.Single()), "builtin", InfluxApi.V2, organisation, "fleet", token, null, null, 1, TimeSpan.FromSeconds(10));
        using HttpClient http = InfluxClient.CreateHttp(settings);
        return await new StoreSetup(settings, http).RunAsync(retention, CancellationToken.None);
    }

    private static JsonNode Add(JsonArray list, JsonElement made, string id)
    {
        JsonNode node = JsonNode.Parse(made.GetRawText())!;
        node["id"] = id;
        list.Add(node);
        return node.DeepClone();
    }
}
