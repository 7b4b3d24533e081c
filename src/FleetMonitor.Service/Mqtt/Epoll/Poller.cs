using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>What has become possible with a descriptor.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Read = 0x1,
    Write = 0x4,
    Failed = 0x8,
    HungUp = 0x10,
    PeerClosed = 0x2000,

    /// <summary>Anything that a read finds out more about.</summary>
    Readable = Read | Failed | HungUp | PeerClosed,
}

/// <summary>
/// Waits on one thread for many descriptors (Linux epoll), each told of once when something arrives and not again until more does (edge-triggered):
/// watching costs a system call a connection, not one a read. Any thread may wake it.
/// </summary>
internal sealed partial class Poller : IDisposable
{
    private const int AddOperation = 1;
    private const int ModifyOperation = 3;
    private const uint EdgeTriggered = 1u << 31;
    private const int NonBlockingCloseOnExec = 0x80800;

    // The kernel packs the event on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly int _descriptor;
    private readonly int _wake;
    private readonly byte[] _events;
    private int _isWoken;

    /// <param name="atOnce">How many descriptors one <see cref="Wait"/> tells of at most.</param>
    /// <exception cref="IOException">The system has none left.</exception>
    public Poller(int atOnce)
    {
        AtOnce = atOnce;
        _events = new byte[EventSize * atOnce];
        _descriptor = Create(0);
        _wake = EventDescriptor(0, NonBlockingCloseOnExec);
        if (_descriptor < 0 || _wake < 0 || !TryWatch(_wake))
        {
            throw new IOException($"epoll is not to be had: error {LinuxSocket.Error}");
        }
    }

    public int AtOnce { get; }

    /// <summary>From now on <see cref="Wait"/> tells of what arrives there, until the descriptor is closed.</summary>
    /// <returns>False where the system watches no more.</returns>
    public bool TryWatch(int descriptor) => Control(AddOperation, descriptor, Readiness.Read | Readiness.PeerClosed);

    /// <summary>As <see cref="TryWatch"/>, which came before, and tells where it can be written to as well: at once, where that is so already.</summary>
    public void WatchForWriting(int descriptor) =>
        Control(ModifyOperation, descriptor, Readiness.Read | Readiness.PeerClosed | Readiness.Write);

    /// <param name="milliseconds">How long at most; -1 for ever.</param>
    /// <returns>How many descriptors there are news of; <see cref="News"/> tells which.</returns>
    public int Wait(int milliseconds) => Math.Max(0, Wait(_descriptor, ref _events[0], AtOnce, milliseconds));

    /// <returns>The descriptor and what can be done with it; nothing where it was only woken.</returns>
    public (int Descriptor, Readiness Readiness) News(int index)
    {
        ReadOnlySpan<byte> found = _events.AsSpan(index * EventSize, EventSize);
        int descriptor = BinaryPrimitives.ReadInt32LittleEndian(found[DataOffset..]);
        if (descriptor == _wake)
        {
            Sleep();
            return (descriptor, Readiness.None);
        }

        return (descriptor, (Readiness)BinaryPrimitives.ReadUInt32LittleEndian(found));
    }

    /// <summary>Lets arrivals gather, unless it is woken.</summary>
    public void Pause(TimeSpan time)
    {
        Span<byte> wanted = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(wanted, _wake);
        BinaryPrimitives.WriteInt16LittleEndian(wanted[4..], (short)Readiness.Read);
        _ = Poll(ref wanted[0], 1, (int)Math.Ceiling(time.TotalMilliseconds));
    }

    /// <summary>Ends the wait or pause that is under way, or the next one.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _isWoken, 1) == 0)
        {
            ulong one = 1;
            _ = Write(_wake, ref one, sizeof(ulong));
        }
    }

    public void Dispose()
    {
        _ = LinuxSocket.CloseDescriptor(_wake);
        _ = LinuxSocket.CloseDescriptor(_descriptor);
    }

    /// <summary>Before whoever waked it is heard: one that wakes it from now on wants to be heard anew.</summary>
    private void Sleep()
    {
        ulong count = 0;
        _ = Read(_wake, ref count, sizeof(ulong));
        Volatile.Write(ref _isWoken, 0);
    }

    private bool Control(int operation, int descriptor, Readiness readiness)
    {
        Span<byte> wanted = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, (uint)readiness | EdgeTriggered);
        BinaryPrimitives.WriteInt32LittleEndian(wanted[DataOffset..], descriptor);
        return Control(_descriptor, operation, descriptor, ref wanted[0]) == 0;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int poller, int operation, int watched, ref byte wanted);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Wait(int poller, ref byte events, int most, int milliseconds);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int EventDescriptor(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref byte wanted, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(int descriptor, ref ulong value, nint length);

    [LibraryImport("libc", EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(int descriptor, ref ulong value, nint length);
}
