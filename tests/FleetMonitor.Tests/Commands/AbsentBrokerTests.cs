using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace FleetMonitor.Tests.Commands;

/// <summary>What a duration ends, it ends also where the broker is not there.</summary>
public sealed class AbsentBrokerTests
{
    [Theory]
    [InlineData("10")]
    [InlineData("0")]
    public async Task Simulate_BrokerIsNeverThere_EndsAfterTheDurationAndFails(string interval)
    {
        string broker = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Typed.FreePort()}");

        Typed typed = await Typed.RunAsync("simulate", "--broker", broker, "--duration", "1s", "--interval", interval, "--rigs", "9000");

        Assert.Equal(1, typed.Code);
        Assert.Empty(typed.Output);
        Assert.EndsWith($"mqtt://{broker}: the broker was never reached, nothing was published\n", typed.Messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capture_BrokerIsNeverThere_EndsAfterTheDurationAndFails()
    {
        string file = Path.GetTempFileName();
        string broker = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Typed.FreePort()}");

        Typed typed = await Typed.RunAsync("capture", "--broker", broker, "--output", file, "--duration", "1s");

        Assert.Equal(1, typed.Code);
        Assert.EndsWith("nothing was recorded: the broker was never reached\n", typed.Messages, StringComparison.Ordinal);
        Assert.Empty(await File.ReadAllBytesAsync(file));
        File.Delete(file);
    }

    [Fact]
    public async Task Demo_ListenerIsOff_EndsAfterTheDurationAndFails()
    {
        // A port of its own: the demo would take the usual one, where another demo may listen by the time its rigs connect.
        string port = string.Create(CultureInfo.InvariantCulture, $"Mqtt:Listener:Port={Typed.FreePort()}");

        Typed typed = await Typed.RunAsync("demo", "--duration", "1s", "--rigs", "3", "--set", "Mqtt:Listener:Enabled=false", "--set", port);

        Assert.Equal(1, typed.Code);
        Assert.Contains("the broker was never reached, nothing was published", typed.Messages, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Http:Url", "http://127.0.0.1:{0}", "Mqtt:Listener:Port", "{1}")]
    [InlineData("Mqtt:Listener:Port", "{0}", "Http:Url", "http://127.0.0.1:{1}")]
    public async Task Run_PortIsTaken_SaysOnceWhichAndWhatToDo(string key, string taken, string other, string free)
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        DirectoryInfo ledger = Directory.CreateTempSubdirectory("fleetmonitor-port-");
        object[] ports = [((IPEndPoint)holder.LocalEndpoint).Port, Typed.FreePort()];
        string value = string.Format(CultureInfo.InvariantCulture, taken, ports);

        Typed typed = await Typed.RunAsync(
            "run", "--set", $"Ledger:Directory={ledger.FullName}", "--set", $"{key}={value}",
            "--set", $"{other}={string.Format(CultureInfo.InvariantCulture, free, ports)}");

        Assert.Equal(1, typed.Code);
        Assert.Empty(typed.Output);
        Assert.Equal($"{key} = \"{value}\": another program listens there already: stop that one, or set another.\n", typed.Messages);
        ledger.Delete(recursive: true);
    }
}
