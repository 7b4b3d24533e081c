using System.Net;
using FleetMonitor.RealServers.Influx;
using FleetMonitor.RealServers.Servers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FleetMonitor.RealServers.Ecosystem;

/// <summary>
/// Stores as InfluxDB.Client reaches them, which writes to <c>/api/v2/write</c> only. An influxd older than 1.8 does not have that: a gateway
/// in front of it passes such writes on to <c>/write</c>, and its answers back.
/// </summary>
internal sealed class InfluxDbClientStores : IAsyncDisposable
{
    private const string Client = "influxdb-client";

    private static readonly HttpClient Http = new();

    private WebApplication? _gateway;

    public static void Use(ServiceWithStore service, VictoriaMetricsServer store)
    {
        service.UseStore(store.Url, "v2");
        service.Set("Influx:Client", Client);
    }

    public async Task UseAsync(ServiceWithStore service, InfluxdServer store)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _gateway = builder.Build();
        _gateway.MapPost("/api/v2/write", (HttpContext http, string bucket, string precision) => PassOnAsync(http, new Uri(store.Url, $"write?db={bucket}&precision={precision}")));
        await _gateway.StartAsync();
        await store.QueryAsync("CREATE DATABASE fleetmonitor");
        service.UseStore(new Uri(_gateway.Urls.Single()), "v2");
        service.Set("Influx:Client", Client);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }
    }

    private static async Task PassOnAsync(HttpContext http, Uri write)
    {
        using var content = new StreamContent(http.Request.Body);
        content.Headers.ContentEncoding.Add(http.Request.Headers.ContentEncoding.ToString());
        try
        {
            using HttpResponseMessage answer = await Http.PostAsync(write, content, http.RequestAborted);
            http.Response.StatusCode = (int)answer.StatusCode;
            await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
        catch (HttpRequestException)
        {
            http.Response.StatusCode = (int)HttpStatusCode.BadGateway;
        }
    }
}
