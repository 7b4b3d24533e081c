using System.Net.Sockets;

namespace FleetMonitor.Service.Mqtt;

/// <summary>
/// A socket whose reads and short writes are plain system calls on the caller's thread. The runtime's own asynchronous sockets wake two or
/// three threads for each message that arrives, read or not; for the one connection that carries a whole site that is most of its cost.
/// </summary>
/// <remarks>For a reader that has a thread of its own. A write never blocks its caller: what the socket does not take at once, the pool sends.</remarks>
internal sealed class BlockingSocketStream : Stream
{
    /// <summary>A socket that says it can be written takes at least this much.</summary>
    private const int SurelyTaken = 4 * 1024;

    /// <summary>How soon a read or write that waits notices that it was cancelled.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(200);

    private readonly Socket _socket;

    /// <param name="socket">Connected, blocking, and never used asynchronously.</param>
    public BlockingSocketStream(Socket socket)
    {
        _socket = socket;
        _socket.ReceiveTimeout = (int)Notice.TotalMilliseconds;
    }

    /// <summary>The last read filled its buffer.</summary>
    public bool LeftMore { get; private set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int received = _socket.Receive(buffer.Span, SocketFlags.None, out SocketError error);
                if (error == SocketError.Success)
                {
                    LeftMore = received == buffer.Length;
                    return ValueTask.FromResult(received);
                }

                if (error is not (SocketError.TimedOut or SocketError.WouldBlock or SocketError.Interrupted))
                {
                    throw new SocketException((int)error);
                }
            }
        }
        catch (Exception e)
        {
            return ValueTask.FromException<int>(e is OperationCanceledException ? e : AsIo(e));
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if (buffer.Length > SurelyTaken || !_socket.Poll(TimeSpan.Zero, SelectMode.SelectWrite))
            {
                return new ValueTask(Task.Run(() => WriteSlowly(buffer, cancellationToken), cancellationToken));
            }

            _socket.Send(buffer.Span);
            return ValueTask.CompletedTask;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(AsIo(e));
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _socket.Dispose();
        }

        base.Dispose(disposing);
    }

    private void WriteSlowly(ReadOnlyMemory<byte> buffer, CancellationToken cancellation)
    {
        try
        {
            while (!buffer.IsEmpty)
            {
                cancellation.ThrowIfCancellationRequested();
                if (_socket.Poll(Notice, SelectMode.SelectWrite))
                {
                    int some = Math.Min(buffer.Length, SurelyTaken);
                    _socket.Send(buffer.Span[..some]);
                    buffer = buffer[some..];
                }
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw AsIo(e);
        }
    }

    /// <summary>As streams report it.</summary>
    private static IOException AsIo(Exception e) => e as IOException ?? new IOException(e.Message, e);
}
