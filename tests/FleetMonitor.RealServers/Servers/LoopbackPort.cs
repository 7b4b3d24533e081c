using System.Net;
using System.Net.Sockets;

namespace FleetMonitor.RealServers.Servers;

/// <summary>
/// Ports on 127.0.0.1 that nobody listens on. They lie below those that systems give to outgoing connections: one of these could take a port
/// between its being found and its being listened on.
/// </summary>
public static class LoopbackPort
{
    private const int Lowest = 15_000;
    private const int Count = 17_000;

    private static int _last = Random.Shared.Next(Count);

    /// <summary>Another one each time, as long as there are some.</summary>
    public static int Free()
    {
        while (true)
        {
            int port = Lowest + (Interlocked.Increment(ref _last) % Count);
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // The next one, then.
            }
        }
    }

    /// <summary>Waits until somebody listens there.</summary>
    public static async Task WaitForAsync(int port, TimeSpan atMost)
    {
        using var timeout = new CancellationTokenSource(atMost);
        while (true)
        {
            try
            {
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                await socket.ConnectAsync(IPAddress.Loopback, port, timeout.Token);
                return;
            }
            catch (SocketException) when (!timeout.IsCancellationRequested)
            {
                await Task.Delay(20, CancellationToken.None);
            }
        }
    }
}
