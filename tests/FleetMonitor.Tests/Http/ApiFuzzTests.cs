using System.Net;
using Xunit;

namespace FleetMonitor.Tests.Http;

/// <summary>Whatever is asked: an answer or a refusal that names the fault, never a failure, and nothing changes.</summary>
public sealed class ApiFuzzTests
{
    private const int Seed = 20_261_122;
    private const int Requests = 3_000;

    private static readonly string[] Parameters =
        ["site", "from", "to", "group", "state", "limit", "after", "active", "reason", "device", "format", "nonsense"];

    private static readonly string[] Values =
    [
        "", " ", "0", "-1", "1", "99999999999999999999", "1e999", "NaN", "2026-11-21", "2026-02-30", "0001-01-01", "9999-12-31", "site-1", "rig-1", "site,device,tenant,day,rate",
        "device,device", "2026-Q4", "2026-Q9", "../..", "%00", "%0a", "<script>", "'; DROP TABLE device;--", "\u2028", "☃", new string('a', 2_000), "true", "null", "[]", "{}",
    ];

    [Fact]
    public async Task Api_AskedAnything_AnswersOrSaysWhatIsWrong()
    {
        await using RunningService service = await RunningService.StartAsync();
        await service.SendAsync("site-1", "rig-1", "2026-11-21T10:00:00", "\"power_w\":3000");
        await service.SendAsync("site-1", "rig-1", "2026-11-21T10:01:00", "\"power_w\":3000");
        string before = (await service.GetAsync("/api/v1/levy/totals")).GetRawText();
        string[] paths = [.. (await service.GetAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name)];
        var random = new Random(Seed);
        int answered = 0;
        for (int i = 0; i < Requests; i++)
        {
            string path = paths[random.Next(paths.Length)];
            while (path.IndexOf('{', StringComparison.Ordinal) is var open and >= 0)
            {
                string value = Values[random.Next(Values.Length)];
                path = path[..open] + Uri.EscapeDataString(value.Length == 0 ? "x" : value) + path[(path.IndexOf('}', open) + 1)..];
            }

            string query = string.Join('&', Enumerable.Range(0, random.Next(4)).Select(_ =>
                $"{Parameters[random.Next(Parameters.Length)]}={Uri.EscapeDataString(Values[random.Next(Values.Length)])}"));
            string? post = random.Next(5) == 0 ? Values[random.Next(Values.Length)] : null;

            using HttpResponseMessage response = await service.SendAsync($"{path}?{query}", key: null, post);

            Assert.True(response.StatusCode < HttpStatusCode.InternalServerError, $"seed {Seed}, request {i}: {path}?{query} {post}: {response.StatusCode}");
            answered += response.IsSuccessStatusCode ? 1 : 0;
        }

        Counts.Write("fuzz-api", ("inputs", Requests));
        Assert.InRange(answered, Requests / 20, Requests * 19 / 20);
        Assert.Equal(before, (await service.GetAsync("/api/v1/levy/totals")).GetRawText());
    }
}
