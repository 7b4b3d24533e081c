using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using FleetMonitor.Service.Alerts;
using FleetMonitor.Tests.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace FleetMonitor.Tests.Alerts;

/// <summary>A receiver of its own on loopback, which is told the fate of alerts.</summary>
public sealed class WebhookTests : IAsyncDisposable
{
    private const string Secret = "a secret of some length";

    private readonly ConcurrentQueue<(string Signature, string Body)> _got = [];
    private readonly WebApplication _receiver;
    private int _refusals;

    public WebhookTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _receiver = builder.Build();
        _receiver.MapPost("/hook", async (HttpRequest request) =>
        {
            if (Interlocked.Decrement(ref _refusals) >= 0)
            {
                return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
            }

            using var reader = new StreamReader(request.Body);
            _got.Enqueue((request.Headers["X-FleetMonitor-Signature"].ToString(), await reader.ReadToEndAsync()));
            return Results.NoContent();
        });
    }

    [Fact]
    public void Signature_OfABody_IsTheHmacOfSecondsStopBody()
    {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac 'a secret of some length'
        const string Expected = "9008b8e96ac884fb56cbbbb39d8c4b578c2c6de7951cbcce7f1f18311f3cd9f2";

        Assert.Equal($"t=1700000000,v1={Expected}", WebhookAlerts.Sign(Encoding.UTF8.GetBytes(Secret), 1_700_000_000, "{}"u8));
    }

    [Fact]
    public async Task Receiver_ThatWasAway_GetsEveryEventInOrder_EachSigned()
    {
        await _receiver.StartAsync();
        // Three attempts each, and a rest: it is away for the first and half of the second.
        _refusals = 4;
        await using RunningService service = await RunningService.StartAsync(
            """{"sites":[{"id":"north","devices":[{"id":"rig-1","role":"rig"}]}]}""",
            ("Alerts:Webhook:Url", _receiver.Urls.Single() + "/hook"),
            ("Alerts:Webhook:Secret", Secret));
        await service.PublishAsync("fleet/north/stranger/telemetry", """{"ts":"2026-11-21T10:30:10Z","power_w":3000}""", "2026-11-21T10:30:10");
        await service.PassAsync(TimeSpan.FromSeconds(10));
        JsonElement alert = (await service.GetAsync("/api/v1/anomalies?active=true")).GetProperty("rows")[0];
        using HttpResponseMessage cleared = await service.SendAsync(
            $"/api/v1/anomalies/{AlertApiTests.Text(alert, "id")}/clear", null, """{"by":"Aigerim","reason":"listed now"}""");

        await AlertApiTests.Eventually(() => _got.Count == 2);

        JsonElement[] bodies = [.. _got.Select(got => JsonSerializer.Deserialize<JsonElement>(got.Body))];
        Assert.Equal(["raised", "cleared"], bodies.Select(body => AlertApiTests.Text(body, "event")));
        Assert.Equal("Aigerim listed now", $"{AlertApiTests.Text(bodies[1], "by")} {AlertApiTests.Text(bodies[1], "reason")}");
        Assert.Equal(AlertApiTests.Text(alert, "id"), AlertApiTests.Text(bodies[0].GetProperty("anomaly"), "id"));
        foreach ((string signature, string body) in _got)
        {
            long seconds = long.Parse(signature.Split(',')[0][2..], System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(signature, WebhookAlerts.Sign(Encoding.UTF8.GetBytes(Secret), seconds, Encoding.UTF8.GetBytes(body)));
        }
    }

    public async ValueTask DisposeAsync() => await _receiver.DisposeAsync();
}
