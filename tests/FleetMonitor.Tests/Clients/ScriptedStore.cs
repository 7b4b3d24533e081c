using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FleetMonitor.Tests.Clients;

/// <summary>One request that a store received, unpacked.</summary>
internal sealed record Written(string Path, string Query, string Authorization, string Encoding, byte[] Body)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>What a store answers.</summary>
internal sealed record StoreAnswer(int Status, string Body = "", string? RetryAfter = null, string? Location = null);

/// <summary>An InfluxDB on the loopback that answers as the test says.</summary>
internal sealed class ScriptedStore : IAsyncDisposable
{
    private readonly WebApplication _server;

    private ScriptedStore()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _server = builder.Build();
        _server.Run(AnswerAsync);
    }

    public Uri Url => new(_server.Urls.Single());

    public ConcurrentQueue<Written> Requests { get; } = [];

    /// <summary>The answer to each request.</summary>
    public Func<Written, Task<StoreAnswer>> Answer { get; set; } = _ => Task.FromResult(new StoreAnswer(204));

    public static async Task<ScriptedStore> StartAsync()
    {
        var store = new ScriptedStore();
        await store._server.StartAsync();
        return store;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task AnswerAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        string encoding = http.Request.Headers.ContentEncoding.ToString();
        await using (Stream stream = encoding == "gzip" ? new GZipStream(http.Request.Body, CompressionMode.Decompress, leaveOpen: true) : http.Request.Body)
        {
            await stream.CopyToAsync(body);
        }

        var written = new Written(
            http.Request.Path, http.Request.QueryString.ToString(), http.Request.Headers.Authorization.ToString(), encoding, body.ToArray());
        Requests.Enqueue(written);
        StoreAnswer answer = await Answer(written);
        http.Response.StatusCode = answer.Status;
        if (answer.RetryAfter is not null)
        {
            http.Response.Headers.RetryAfter = answer.RetryAfter;
        }

        if (answer.Location is not null)
        {
            http.Response.Headers.Location = answer.Location;
        }

        if (answer.Body.Length > 0)
        {
            http.Response.ContentType = "application/json";
            await http.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
        }
    }
}
