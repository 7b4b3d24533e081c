using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FleetMonitor.Benchmarks.Load;

/// <summary>
/// Waits for many sockets on one thread. The load client's share of the machine should be small beside what it measures, and asynchronous
/// sockets would take more than the service does.
/// </summary>
internal sealed partial class Epoll : IDisposable
{
    /// <summary>So many sockets are told of in one <see cref="Wait"/> at most.</summary>
    public const int AtOnce = 1_024;

    private const int Add = 1;
    private const uint Readable = 1;
    private const uint EdgeTriggered = 1u << 31;

    // The kernel packs the event on x86-64 alone.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + 8;

    private readonly int _descriptor = Create(0);
    private readonly byte[] _events = new byte[EventSize * AtOnce];

    /// <summary>From now on <see cref="Wait"/> names it where it has something to read.</summary>
    /// <param name="once">Names it once for what has arrived, and again only when more does: the cheaper way, for who reads all there is.</param>
    public void Watch(Socket socket, int name, bool once = false)
    {
        Span<byte> wanted = stackalloc byte[EventSize];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, once ? Readable | EdgeTriggered : Readable);
        BinaryPrimitives.WriteInt32LittleEndian(wanted[DataOffset..], name);
        if (Control(_descriptor, Add, (int)socket.Handle, ref MemoryMarshal.GetReference(wanted)) != 0)
        {
            throw new IOException($"epoll takes no more: error {Marshal.GetLastPInvokeError()}");
        }
    }

    /// <summary>Waits as exactly as the kernel's timers do: rigs that report by themselves are fractions of a millisecond apart.</summary>
    /// <returns>How many there are; <see cref="Name"/> tells which.</returns>
    public int Wait(TimeSpan atMost)
    {
        Span<long> secondsAndNanoseconds = [(long)atMost.TotalSeconds, atMost.Ticks % TimeSpan.TicksPerSecond * TimeSpan.NanosecondsPerTick];
        return Math.Max(0, Wait(_descriptor, ref _events[0], AtOnce, ref secondsAndNanoseconds[0], 0));
    }

    public int Name(int index) => BinaryPrimitives.ReadInt32LittleEndian(_events.AsSpan((index * EventSize) + DataOffset));

    public void Dispose() => Close(_descriptor);

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int descriptor, int operation, int watched, ref byte wanted);

    [LibraryImport("libc", EntryPoint = "epoll_pwait2", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Wait(int descriptor, ref byte events, int most, ref long atMost, nint signals);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
