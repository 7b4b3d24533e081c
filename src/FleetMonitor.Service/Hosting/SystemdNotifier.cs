using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace FleetMonitor.Service.Hosting;

/// <summary>
/// Tells systemd how the service is (sd_notify(3)): ready, alive, stopping. The watchdog is fed only while the pipeline's loop answers, so that
/// a loop that hangs is restarted. Does nothing where systemd did not start the process.
/// </summary>
internal sealed class SystemdNotifier : IAsyncDisposable
{
    private readonly string? _socket = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
    private readonly ITimer? _watchdog;

    /// <param name="answers">Asks the loop whether it still turns.</param>
    public SystemdNotifier(Func<Task> answers, TimeProvider time)
    {
        if (_socket is not null
            && long.TryParse(
                Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds)
            && microseconds > 0)
        {
            var interval = TimeSpan.FromMicroseconds(microseconds / 2.0);
            _watchdog = time.CreateTimer(
                _ => answers().ContinueWith(_ => Send("WATCHDOG=1"), TaskContinuationOptions.OnlyOnRanToCompletion), null, interval, interval);
        }
    }

    public void Ready(string status) => Send($"READY=1\nSTATUS={status}");

    public void Stopping() => Send("STOPPING=1\nSTATUS=Committing what has been received");

    public async ValueTask DisposeAsync()
    {
        if (_watchdog is not null)
        {
            await _watchdog.DisposeAsync();
        }
    }

    private void Send(string state)
    {
        if (_socket is null)
        {
            return;
        }

        // A leading @ names an abstract socket.
        string path = _socket[0] == '@' ? '\0' + _socket[1..] : _socket;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            // systemd then misses one word; it asks again by the watchdog.
        }
    }
}
