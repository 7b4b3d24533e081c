using System.Buffers;
using System.IO.Pipelines;
using System.Threading.Tasks.Sources;

namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>
/// One client's connection, as the pipes that a session reads from and writes to, without any buffer of its own while nothing is under way: what
/// is read lies in a pooled array until the session has taken it, and only a packet that has not arrived whole is kept.
/// <code>
///   readable ──▶ [I/O thread] recv ──▶ the session goes on, on this very thread, until it waits for the next read
/// </code>
/// All reads are made by the I/O thread, and wherever a session waits for a read, it goes on there.
/// </summary>
/// <remarks>It knows what a session does with a pipe, and no more: it is read by <see cref="ReadAsync"/> alone, one at a time.</remarks>
internal sealed class EpollConnection : PipeReader, IDuplexPipe, IValueTaskSource<ReadResult>
{
    /// <summary>
    /// Read at once; whoever has more is read from again after all the others. Dozens of readings: enough for a gateway, and so little that a rig
    /// among a hundred who flood soon has its turn.
    /// </summary>
    private const int ReadBytes = 8 * 1024;

    /// <summary>Something has arrived that was not read.</summary>
    private const int Readable = 1;

    /// <summary>The session waits for a read.</summary>
    private const int Waiting = 2;

    /// <summary>The read that is under way, or the next, is to end without anything read.</summary>
    private const int Cancelled = 4;

    private readonly IEpollLoop _loop;
    private readonly EpollWriter _output;
    private ManualResetValueTaskSourceCore<ReadResult> _read;
    private ClientPace _pace;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private int _state;
    private bool _isExamined = true;
    private bool _peerIsDone;
    private bool _hasEnded;

    /// <param name="now">As its <see cref="Pace"/> is told.</param>
    public EpollConnection(IEpollLoop loop, int descriptor, TimeSpan now)
    {
        (_loop, Descriptor, _pace) = (loop, descriptor, new ClientPace(now));
        _output = new EpollWriter(loop, this);
    }

    public int Descriptor { get; }

    /// <summary>Kept by the I/O thread.</summary>
    public ref ClientPace Pace => ref _pace;

    public PipeReader Input => this;

    public PipeWriter Output => _output;

    /// <summary>Nobody uses it any more: to be closed.</summary>
    public bool IsDone { get; set; }

    private ReadOnlySequence<byte> Unread => new(_buffer, _start, _end - _start);

    /// <summary>On the I/O thread: something arrived, or there is room to send.</summary>
    /// <returns>How many bytes were read.</returns>
    public int OnReady(Readiness readiness) => Note(readiness) ? Receive() : 0;

    /// <summary>The same, without reading: <see cref="Attend"/> is to follow.</summary>
    /// <returns>Whether something can be read that the session waits for.</returns>
    public bool Note(Readiness readiness)
    {
        if ((readiness & Readiness.Write) != 0)
        {
            _output.OnWritable();
        }

        // Its end may have arrived together with its last bytes, and is then not told of again.
        _peerIsDone |= (readiness & (Readiness.Readable & ~Readiness.Read)) != 0;
        return (readiness & Readiness.Readable) != 0 && (Interlocked.Or(ref _state, Readable) & Waiting) != 0;
    }

    /// <summary>On the I/O thread: the connection has asked for attention.</summary>
    /// <returns>How many bytes were read.</returns>
    public int Attend()
    {
        _output.Attend();
        int state = Volatile.Read(ref _state);
        if ((state & Waiting) == 0)
        {
            return 0;
        }

        if ((state & Cancelled) != 0)
        {
            Interlocked.And(ref _state, ~(Waiting | Cancelled));
            _read.SetResult(new ReadResult(Unread, isCanceled: true, _hasEnded));
            return 0;
        }

        return (state & Readable) != 0 ? Receive() : 0;
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        if (!_isExamined || _hasEnded)
        {
            return ValueTask.FromResult(new ReadResult(Unread, isCanceled: false, _hasEnded));
        }

        _read.Reset();
        short version = _read.Version;
        if ((Interlocked.Or(ref _state, Waiting) & (Readable | Cancelled)) != 0)
        {
            _loop.Attend(this);
        }

        return new ValueTask<ReadResult>(this, version);
    }

    public override void CancelPendingRead()
    {
        if ((Interlocked.Or(ref _state, Cancelled) & Waiting) != 0)
        {
            _loop.Attend(this);
        }
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_start == _end)
        {
            return;
        }

        ReadOnlySequence<byte> unread = Unread;
        int taken = (int)unread.GetOffset(consumed);
        _isExamined = unread.GetOffset(examined) == unread.Length;
        _start += taken;
        KeepRest();
    }

    public override void Complete(Exception? exception = null)
    {
        _start = _end;
        KeepRest();
    }

    public override bool TryRead(out ReadResult result) => throw new NotSupportedException();

    ReadResult IValueTaskSource<ReadResult>.GetResult(short token) => _read.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ReadResult>.GetStatus(short token) => _read.GetStatus(token);

    void IValueTaskSource<ReadResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _read.OnCompleted(continuation, state, token, flags);

    private int Receive()
    {
        MakeRoom();
        Span<byte> room = _buffer.AsSpan(_end);
        int received = LinuxSocket.Receive(Descriptor, room);
        if (received < 0 && LinuxSocket.Error is LinuxSocket.WouldBlock or LinuxSocket.Interrupted)
        {
            Interlocked.And(ref _state, ~Readable);
            KeepRest();
            return 0;
        }

        // A connection that broke is one that ended: for the session that makes no difference.
        _hasEnded = received <= 0;
        _end += Math.Max(0, received);
        bool leftMore = received == room.Length || _peerIsDone;
        Interlocked.And(ref _state, leftMore ? ~Waiting : ~(Waiting | Readable));
        _read.SetResult(new ReadResult(Unread, isCanceled: false, _hasEnded));
        return Math.Max(0, received);
    }

    /// <summary>Room for a read behind what there is of a packet already; twice as much, where that is long.</summary>
    private void MakeRoom()
    {
        int kept = _end - _start;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(ReadBytes, kept * 2));
        Move(larger);
    }

    /// <summary>What is left keeps an array of about its size, or none.</summary>
    private void KeepRest()
    {
        int rest = _end - _start;
        Move(rest == 0 ? [] : ArrayPool<byte>.Shared.Rent(rest));
    }

    private void Move(byte[] to)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(to);
        (_start, _end) = (0, _end - _start);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = to;
    }
}
