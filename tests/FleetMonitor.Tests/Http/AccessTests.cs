using System.Net;
using System.Security.Cryptography;
using System.Text;
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

    [Fact]
    public async Task Keys_InTheAccessFile_AreRotatedWithoutARestart()
    {
        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, KeyFile("old"));
        await using RunningService service = await RunningService.StartAsync(null, ("Access:File", file));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, "old"));

        await File.WriteAllTextAsync(file, KeyFile("new"));
        Assert.Empty(service.Access.ReadAgain());

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, "old"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, "new"));

        await File.WriteAllTextAsync(file, "{ not json");
        Assert.NotEmpty(service.Access.ReadAgain());
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, "new"));
        File.Delete(file);
    }

    [Fact]
    public async Task WrongKeys_FromOneAddress_AreLimited()
    {
        await using RunningService service = await RunningService.StartAsync(null, [.. RunningService.Keys, ("Http:FailedKeysPerMinute", "3")]);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, $"wrong {i}"));
        }

        using (HttpResponseMessage limited = await service.SendAsync("/api/v1/fleet", key: "wrong again"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, limited.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(20), limited.Headers.RetryAfter?.Delta);
        }

        // Even the right one, or guessing would go on; and not for ever.
        Assert.Equal(HttpStatusCode.TooManyRequests, await StatusAsync(service, "viewer"));
        service.Time.Now += TimeSpan.FromSeconds(20);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(service, "viewer"));
    }

    [Fact]
    public async Task Requests_OfOneForwardedAddress_AreLimited_AndOthersAreNot()
    {
        await using RunningService service = await RunningService.StartAsync(
            null, [.. RunningService.Keys, ("Http:Proxies:0", "127.0.0.1"), ("Http:RequestsPerMinute", "2")]);

        Assert.Equal(
            [HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.TooManyRequests],
            [await HealthAsync(service, "203.0.113.9"), await HealthAsync(service, "6.6.6.6, 203.0.113.9"), await HealthAsync(service, "203.0.113.9")]);
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(service, "203.0.113.10"));
        Assert.Equal(HttpStatusCode.OK, await HealthAsync(service, null));
    }

    [Theory]
    [InlineData("127.0.0.0/8", "operator", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "viewer", HttpStatusCode.OK)]
    [InlineData("127.0.0.1", "root", HttpStatusCode.Unauthorized)]
    [InlineData("127.0.0.1", null, HttpStatusCode.Unauthorized)]
    [InlineData("10.0.0.0/8", "operator", HttpStatusCode.Unauthorized)]
    public async Task RoleHeader_IsBelievedFromATrustedProxyOnly(string proxy, string? role, HttpStatusCode expected)
    {
        await using RunningService service = await RunningService.StartAsync(
            null, ("Http:Proxies:0", proxy), ("Http:RoleHeader", "X-Role"), ("Http:UserHeader", "X-User"));
        service.Http.DefaultRequestHeaders.Add("X-User", "ann");
        if (role is not null)
        {
            service.Http.DefaultRequestHeaders.Add("X-Role", role);
        }

        using HttpResponseMessage me = await service.SendAsync("/api/v1/me", key: null);

        Assert.Equal(expected, me.StatusCode);
        if (expected == HttpStatusCode.OK)
        {
            Assert.Equal($$"""{"name":"ann","role":"{{role}}","open":false}""", await me.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task NoKeysSet_AskedUnderAnotherName_IsNotOpen()
    {
        await using RunningService service = await RunningService.StartAsync();
        service.Http.DefaultRequestHeaders.Host = "evil.example";

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(service, null));
    }

    private static string KeyFile(string key) =>
        $$"""{"keys":[{"name":"k","role":"viewer","sha256":"{{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}}"}]}""";

    private static async Task<HttpStatusCode> StatusAsync(RunningService service, string? key)
    {
        using HttpResponseMessage response = await service.SendAsync("/api/v1/fleet", key);
        return response.StatusCode;
    }

    private static async Task<HttpStatusCode> HealthAsync(RunningService service, string? forwardedFor)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/healthz", UriKind.Relative));
        if (forwardedFor is not null)
        {
            request.Headers.Add("X-Forwarded-For", forwardedFor);
        }

        using HttpResponseMessage response = await service.Http.SendAsync(request);
        return response.StatusCode;
    }
}
