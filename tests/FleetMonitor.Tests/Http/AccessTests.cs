using System.Net;
using System.Text.Json;
using Xunit;

namespace FleetMonitor.Tests.Http;

public sealed class AccessTests
{
    [Theory]
    [InlineData("/api/v1/fleet")]
    [InlineData("/api/v1/levy/totals")]
    [InlineData("/metrics")]
    [InlineData("/openapi/v1.json")]
    public async Task Reading_KeysSet_TakesAKey(string path)
    {
        await using RunningService service = await RunningService.StartAsync(null, RunningService.Keys);

        await service.ProblemAsync(HttpStatusCode.Unauthorized, path);
        await service.ProblemAsync(HttpStatusCode.Unauthorized, path, key: "wrong");
        using HttpResponseMessage read = await service.SendAsync(path, key: "viewer");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/")]
    [InlineData("/page/app.js")]
    public async Task HealthAndPage_KeysSet_TakeNone(string path)
    {
        await using RunningService service = await RunningService.StartAsync(null, RunningService.Keys);

        using HttpResponseMessage read = await service.SendAsync(path, key: null);

        Assert.Equal(HttpStatusCode.OK, read.StatusCode);
    }

    [Fact]
    public async Task Key_InItsOwnHeader_IsTakenToo()
    {
        await using RunningService service = await RunningService.StartAsync(null, RunningService.Keys);
        service.Http.DefaultRequestHeaders.Add("X-Api-Key", "operator");

        JsonElement me = await service.GetAsync("/api/v1/me");

        Assert.Equal("""{"name":"operator's","role":"operator","open":false}""", me.GetRawText());
    }

    [Theory]
    [InlineData("viewer")]
    [InlineData("operator")]
    public async Task Closing_WithALesserRole_IsForbidden(string key)
    {
        await using RunningService service = await RunningService.StartAsync(null, RunningService.Keys);

        JsonElement problem = await service.ProblemAsync(
            HttpStatusCode.Forbidden, "/api/v1/levy/periods/2026-Q3/close", key, """{"site":"north","by":"A. B."}""");

        Assert.Contains("role finance", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closing_NoKeysSet_IsNotOpenToAnybody()
    {
        await using RunningService service = await RunningService.StartAsync();

        JsonElement problem = await service.ProblemAsync(
            HttpStatusCode.Unauthorized, "/api/v1/levy/periods/2026-Q3/close", post: """{"site":"north","by":"A. B."}""");

        Assert.Contains("Http:Keys", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }
}
