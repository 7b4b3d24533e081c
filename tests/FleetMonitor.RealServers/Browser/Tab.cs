using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FleetMonitor.RealServers.Browser;

/// <summary>What a page is looked at with.</summary>
/// <param name="Width">In CSS pixels.</param>
/// <param name="Height">In CSS pixels.</param>
internal sealed record Screen(int Width, int Height, bool Dark = false, bool Phone = false)
{
    public static readonly Screen Desktop = new(1_400, 1_000);
    public static readonly Screen OnPhone = new(390, 844, Phone: true);
}

/// <summary>One tab of a browser. (Protocol: https://chromedevtools.github.io/devtools-protocol/)</summary>
internal sealed class Tab : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _asked = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly CancellationTokenSource _closed = new();
    private Task _receiving = Task.CompletedTask;
    private int _last;

    private Tab()
    {
    }

    /// <summary>What scripts threw and did not catch, and what the page wrote as an error.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public static async Task<Tab> OpenAsync(HttpClient http, Uri devTools)
    {
        using HttpResponseMessage response = await http.PutAsync(new Uri(devTools, "json/new?about:blank"), null);
        using JsonDocument target = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        var tab = new Tab();
        await tab._socket.ConnectAsync(new Uri(target.RootElement.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        tab._receiving = tab.ReceiveAsync();
        await tab.AskAsync("Page.enable");
        await tab.AskAsync("Runtime.enable");
        await tab.AskAsync("Log.enable");
        await tab.LookAsync(Screen.Desktop);
        return tab;
    }

    public async Task LookAsync(Screen screen)
    {
        await AskAsync("Emulation.setDeviceMetricsOverride", new JsonObject
        {
            ["width"] = screen.Width,
            ["height"] = screen.Height,
            ["deviceScaleFactor"] = screen.Phone ? 2 : 1,
            ["mobile"] = screen.Phone,
        });
        await AskAsync("Emulation.setTouchEmulationEnabled", new JsonObject { ["enabled"] = screen.Phone });
        await AskAsync("Emulation.setEmulatedMedia", new JsonObject
        {
            ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = screen.Dark ? "dark" : "light" }),
        });
    }

    /// <summary>Loads a page anew, also where only what stands after its # is another.</summary>
    public async Task GoAsync(string url)
    {
        await AskAsync("Page.navigate", new JsonObject { ["url"] = "about:blank" });
        await UntilAsync("location.href === 'about:blank'");
        await AskAsync("Page.navigate", new JsonObject { ["url"] = url });
        await UntilAsync("location.href !== 'about:blank' && document.readyState === 'complete'");
    }

    /// <summary>The value of an expression, awaited where it is a promise, as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        JsonElement answer = await AskAsync("Runtime.evaluate", new JsonObject
        {
            ["expression"] = expression,
            ["awaitPromise"] = true,
            ["returnByValue"] = true,
        });
        return answer.TryGetProperty("exceptionDetails", out JsonElement wrong)
            ? throw new InvalidOperationException($"{expression}: {wrong}")
            : answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value.ToString() : "";
    }

    /// <summary>Waits until an expression is true.</summary>
    /// <exception cref="TimeoutException">It did not come to be; the message holds what the page shows.</exception>
    public async Task UntilAsync(string expression)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (await EvaluateAsync($"Boolean({expression})") != "True")
        {
            if (timeout.IsCancellationRequested)
            {
                throw new TimeoutException($"{expression} did not come to hold:\n{await EvaluateAsync("document.body.innerText")}");
            }

            await Task.Delay(50, CancellationToken.None);
        }
    }

    /// <summary>Waits until the page shows a text.</summary>
    public Task ShowsAsync(string text) => UntilAsync($"document.body.innerText.includes({JsonSerializer.Serialize(text)})");

    /// <summary>Clicks the first link or button that says a text; of the dialog, while one is open.</summary>
    public async Task ClickAsync(string text)
    {
        string found = $"[...(document.querySelector('dialog[open]') ?? document).querySelectorAll('a, button')].find(one => one.innerText.trim() === {JsonSerializer.Serialize(text)})";
        await UntilAsync(found);
        await EvaluateAsync($"{found}.click()");
    }

    public async Task KeyAsync(string key)
    {
        foreach (string type in (string[])["keyDown", "keyUp"])
        {
            await AskAsync("Input.dispatchKeyEvent", new JsonObject { ["type"] = type, ["key"] = key, ["code"] = key });
        }
    }

    /// <param name="whole">The whole page, not only what fits the screen.</param>
    public async Task PictureAsync(string file, bool whole = false)
    {
        JsonElement answer = await AskAsync("Page.captureScreenshot", new JsonObject { ["format"] = "png", ["captureBeyondViewport"] = whole });
        await File.WriteAllBytesAsync(file, answer.GetProperty("data").GetBytesFromBase64());
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _closed.Dispose();
    }

    private async Task<JsonElement> AskAsync(string method, JsonObject? parameters = null)
    {
        int id = Interlocked.Increment(ref _last);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _asked[id] = answer;
        byte[] message = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] });
        await _socket.SendAsync(message, WebSocketMessageType.Text, true, _closed.Token);
        return await answer.Task.WaitAsync(Patience, _closed.Token);
    }

    private async Task ReceiveAsync()
    {
        byte[] piece = new byte[64 * 1024];
        while (!_closed.IsCancellationRequested)
        {
            using var message = new MemoryStream();
            ValueWebSocketReceiveResult received;
            do
            {
                received = await _socket.ReceiveAsync(piece.AsMemory(), _closed.Token);
                message.Write(piece.AsSpan(0, received.Count));
            }
            while (!received.EndOfMessage);
            Take(JsonSerializer.Deserialize<JsonElement>(message.GetBuffer().AsSpan(0, (int)message.Length)));
        }
    }

    private void Take(JsonElement message)
    {
        if (message.TryGetProperty("id", out JsonElement id) && _asked.TryRemove(id.GetInt32(), out TaskCompletionSource<JsonElement>? asked))
        {
            if (message.TryGetProperty("result", out JsonElement result))
            {
                asked.SetResult(result);
            }
            else
            {
                asked.SetException(new InvalidOperationException(message.ToString()));
            }
        }
        else if (message.TryGetProperty("method", out JsonElement method)
            && (method.GetString() == "Runtime.exceptionThrown"
                || (method.GetString() == "Log.entryAdded" && message.GetProperty("params").GetProperty("entry").GetProperty("level").GetString() == "error")))
        {
            _errors.Enqueue(message.GetProperty("params").ToString());
        }
    }
}
