using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using FleetMonitor.Mqtt.Transport;

namespace FleetMonitor.Service.Mqtt;

/// <summary>
/// A TCP connection to a broker, plain or in TLS, as a pair of pipes. Each read and each flush is one call to the socket: there are no pumps
/// and no copies in between.
/// </summary>
public sealed class SocketConnection : IDuplexPipe, IPacedTransport, IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>Room for what gathers between the reads of a connection that carries a whole site.</summary>
    private const int BlockingBufferBytes = 1024 * 1024;

    private readonly Stream _stream;
    private readonly BlockingSocketStream? _paced;

    private SocketConnection(Stream stream, BlockingSocketStream? paced)
    {
        (_stream, _paced) = (stream, paced);
        int inputBytes = paced is null ? BufferBytes : BlockingBufferBytes;
        Input = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: inputBytes, leaveOpen: true));
        Output = PipeWriter.Create(stream, new StreamPipeWriterOptions(minimumBufferSize: BufferBytes, leaveOpen: true));
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <inheritdoc/>
    public bool LeftMore => _paced?.LeftMore == true;

    /// <summary>Connects to the first address of the host that answers.</summary>
    /// <param name="tls">What to ask of the server's certificate; null, for a plain connection or for the system's usual demands.</param>
    /// <param name="blocking">For a reader that has a thread of its own.</param>
    /// <exception cref="SocketException">The host is unknown or does not answer.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">The certificate is not to be trusted.</exception>
    public static async Task<SocketConnection> ConnectAsync(
        BrokerAddress address, SslClientAuthenticationOptions? tls, bool blocking, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        BlockingSocketStream? paced = null;
        try
        {
            var endPoint = new DnsEndPoint(address.Host, address.Port);
            if (blocking)
            {
                await Task.Run(() => socket.Connect(endPoint), cancellation).WaitAsync(cancellation);
                stream = paced = new BlockingSocketStream(socket);
            }
            else
            {
                await socket.ConnectAsync(endPoint, cancellation);
                stream = new NetworkStream(socket, ownsSocket: true);
            }

            if (address.Tls)
            {
                var secured = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = secured;
                await secured.AuthenticateAsClientAsync(
                    tls ?? new SslClientAuthenticationOptions { TargetHost = address.Host }, cancellation);
            }

            return new SocketConnection(stream, paced);
        }
        catch
        {
            stream?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
