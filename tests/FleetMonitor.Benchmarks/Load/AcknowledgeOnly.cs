using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FleetMonitor.Service.Mqtt.Epoll;
using Microsoft.Win32.SafeHandles;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>
/// <c>acknowledge-only PORT [FILE]</c>: a server of MQTT 3.1.1 that acknowledges what is published and does nothing else, until its stdin ends: what
/// the kernel takes for receiving and acknowledging, with as little around it as there can be. It keeps the service's pace, so that both wake
/// up as often; each connection is read from and written to once a look, into and out of buffers that all of them share. Where a file is named,
/// what a look brought is written to it and synced before any of it is acknowledged, one sync a look.
/// </summary>
internal sealed partial class AcknowledgeOnly : IDisposable
{
    public const string Command = "acknowledge-only";

    /// <summary>More than this at once from clients in a hurry, and it waits no more than the service does: more may be there already.</summary>
    private const int BusyBytes = 32 * 1024;

    private const int Backlog = 4_096;
    private const int NoSignal = 0x4000;
    private const int NameOfListening = -1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Written over and over: a file that grows takes more to sync.</summary>
    private const int FileBytes = 64 * 1024 * 1024;

    /// <summary>As the service by default (<c>Ledger:CommitEvery</c>).</summary>
    private readonly SweepPause _pause = new(TimeSpan.FromMilliseconds(5));

    private readonly Socket _listening = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly Epoll _epoll = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<byte[]> _rests = [];
    private readonly byte[] _incoming = new byte[64 * 1024];

    /// <summary>Of one look: the answers, whose they are and where each ends, and what came.</summary>
    private readonly ArrayBufferWriter<byte> _outgoing = new();
    private readonly List<(int Descriptor, int End)> _answered = [];
    private readonly ArrayBufferWriter<byte> _arrived = new();
    private readonly SafeFileHandle? _file;
    private readonly long _began = Stopwatch.GetTimestamp();
    private long _written;
    private int[] _descriptors = [];
    private ClientPace[] _paces = [];

    private AcknowledgeOnly(int port, string? file)
    {
        if (file is not null)
        {
            _file = File.OpenHandle(file, FileMode.Create, FileAccess.Write);
            RandomAccess.Write(_file, new byte[FileBytes], 0);
            RandomAccess.FlushToDisk(_file);
        }

        _listening.Bind(new IPEndPoint(IPAddress.Loopback, port));
        _listening.Listen(Backlog);
        _epoll.Watch(_listening, NameOfListening);
    }

    public static int Run(string port, string? file)
    {
        using var server = new AcknowledgeOnly(int.Parse(port, CultureInfo.InvariantCulture), file);
        new Thread(server.Serve) { IsBackground = true }.Start();
        Console.WriteLine("listening");
        while (Console.ReadLine() is not null)
        {
        }

        return 0;
    }

    public void Dispose()
    {
        _listening.Dispose();
        _sockets.ForEach(socket => socket.Dispose());
        _epoll.Dispose();
        _file?.Dispose();
    }

    private void Serve()
    {
        while (true)
        {
            int ready = _epoll.Wait(Patience);
            TimeSpan now = Stopwatch.GetElapsedTime(_began);
            TimeSpan hastiest = TimeSpan.MaxValue;
            long bytes = 0;
            for (int i = 0; i < ready; i++)
            {
                int name = _epoll.Name(i);
                if (name == NameOfListening)
                {
                    Accept(now);
                }
                else if (Receive(name) is > 0 and int received)
                {
                    bytes += received;
                    TimeSpan pace = _paces[name].Sent(now);
                    hastiest = pace < hastiest ? pace : hastiest;
                }
            }

            Sync();
            Answer();
            if (bytes == 0)
            {
                continue;
            }

            TimeSpan pause = _pause.After(now, hastiest);
            if ((bytes < BusyBytes || pause > _pause.Shortest) && ready < Epoll.AtOnce)
            {
                _ = Poll(0, 0, (int)Math.Ceiling(pause.TotalMilliseconds));
            }
        }
    }

    private void Accept(TimeSpan now)
    {
        do
        {
            Socket socket = _listening.Accept();
            socket.Blocking = false;
            _sockets.Add(socket);
            _rests.Add([]);
            if (_descriptors.Length < _sockets.Count)
            {
                Array.Resize(ref _descriptors, _sockets.Count * 2);
                Array.Resize(ref _paces, _sockets.Count * 2);
            }

            _descriptors[_sockets.Count - 1] = (int)socket.Handle;
            _paces[_sockets.Count - 1] = new ClientPace(now);
            _epoll.Watch(socket, _sockets.Count - 1, once: true);
        }
        while (_listening.Poll(0, SelectMode.SelectRead));
    }

    /// <summary>Takes what a client sent, and answers it.</summary>
    /// <returns>How many bytes it was.</returns>
    private int Receive(int name)
    {
        byte[] rest = _rests[name];
        rest.CopyTo(_incoming, 0);
        int received = (int)Receive(_descriptors[name], ref _incoming[rest.Length], _incoming.Length - rest.Length, 0);
        if (received <= 0)
        {
            return 0;
        }

        ReadOnlySpan<byte> arrived = _incoming.AsSpan(0, rest.Length + received);
        if (_file is not null)
        {
            _arrived.Write(arrived[rest.Length..]);
        }

        while (TryTake(ref arrived))
        {
        }

        if (arrived.Length > 0 || rest.Length > 0)
        {
            _rests[name] = arrived.ToArray();
        }

        _answered.Add((_descriptors[name], _outgoing.WrittenCount));
        return received;
    }

    private void Sync()
    {
        if (_file is null || _arrived.WrittenCount == 0)
        {
            return;
        }

        _written = _written + _arrived.WrittenCount > FileBytes ? 0 : _written;
        RandomAccess.Write(_file, _arrived.WrittenSpan, _written);
        _written += _arrived.WrittenCount;
        _arrived.ResetWrittenCount();
        if (SyncData((int)_file.DangerousGetHandle()) != 0)
        {
            throw new IOException("The file cannot be synced.");
        }
    }

    private void Answer()
    {
        ReadOnlySpan<byte> answers = _outgoing.WrittenSpan;
        int start = 0;
        foreach ((int descriptor, int end) in _answered)
        {
            // No window fills a socket's buffers.
            if (end > start && Send(descriptor, in answers[start], end - start, NoSignal) != end - start)
            {
                throw new IOException("A client does not take its acknowledgements.");
            }

            start = end;
        }

        _answered.Clear();
        _outgoing.ResetWrittenCount();
    }

    /// <summary>Takes one packet that has arrived whole.</summary>
    private bool TryTake(ref ReadOnlySpan<byte> arrived)
    {
        int length = 0;
        int head = 1;
        do
        {
            if (head == arrived.Length || arrived.IsEmpty)
            {
                return false;
            }

            length |= (arrived[head] & 0x7F) << (7 * (head - 1));
        }
        while ((arrived[head++] & 0x80) != 0);

        if (arrived.Length < head + length)
        {
            return false;
        }

        const int Connect = 0x10;
        const int PublishAtLeastOnce = 0x32;
        ReadOnlySpan<byte> body = arrived.Slice(head, length);
        switch (arrived[0])
        {
            case Connect:
                Answer(0x20, 0);
                break;
            case PublishAtLeastOnce:
                Answer(0x40, BinaryPrimitives.ReadUInt16BigEndian(body[(2 + BinaryPrimitives.ReadUInt16BigEndian(body))..]));
                break;
        }

        arrived = arrived[(head + length)..];
        return true;
    }

    private void Answer(byte type, ushort value)
    {
        Span<byte> answer = _outgoing.GetSpan(4);
        answer[0] = type;
        answer[1] = 2;
        BinaryPrimitives.WriteUInt16BigEndian(answer[2..], value);
        _outgoing.Advance(4);
    }

    [LibraryImport("libc", EntryPoint = "recv")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Receive(int descriptor, ref byte buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Send(int descriptor, in byte bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "fdatasync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SyncData(int descriptor);

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(nint wanted, nuint count, int milliseconds);
}
