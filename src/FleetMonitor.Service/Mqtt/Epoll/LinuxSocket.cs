using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace FleetMonitor.Service.Mqtt.Epoll;

/// <summary>
/// The system calls of a non-blocking TCP connection, by the kernel's own number for it. The runtime's sockets keep an object, a handle and two
/// queues for each connection; a rig that says something every ten seconds needs none of them.
/// </summary>
/// <remarks>Numbers and layouts are those of Linux on x86-64 and ARM64 (asm-generic headers). Each call gives -1 and an error, as the manual says.</remarks>
internal static partial class LinuxSocket
{
    public const int Interrupted = 4;
    public const int WouldBlock = 11;
    public const int TooManyOfProcess = 24;
    public const int TooManyOfSystem = 23;
    public const int NoMemory = 12;
    public const int NoBuffers = 105;

    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int NoSignal = 0x4000;
    private const int WriteSide = 1;
    private const int DescriptorLimit = 7;
    private const int FamilyInet = 2;
    private const int FamilyInet6 = 10;
    private const int AddressBytes = 28;

    /// <summary>What the last call of this thread that gave -1 failed with.</summary>
    public static int Error => Marshal.GetLastPInvokeError();

    /// <summary>How many descriptors this process may have open at once.</summary>
    public static long MostDescriptors
    {
        get
        {
            Span<ulong> limit = stackalloc ulong[2];
            return GetLimit(DescriptorLimit, ref limit[0]) == 0 ? (long)Math.Min(limit[0], long.MaxValue) : long.MaxValue;
        }
    }

    /// <summary>Takes the next client that waits; non-blocking, and with what was set for the listening socket.</summary>
    /// <param name="remote">Where it comes from.</param>
    public static int Accept(int listening, out IPEndPoint? remote)
    {
        Span<byte> address = stackalloc byte[AddressBytes];
        int length = AddressBytes;
        int accepted = Accept(listening, ref address[0], ref length, NonBlocking | CloseOnExec);
        remote = accepted < 0 ? null : EndPoint(address);
        return accepted;
    }

    public static int Receive(int descriptor, Span<byte> buffer) =>
        (int)Receive(descriptor, ref MemoryMarshal.GetReference(buffer), buffer.Length, 0);

    public static int Send(int descriptor, ReadOnlySpan<byte> bytes) =>
        (int)Send(descriptor, ref MemoryMarshal.GetReference(bytes), bytes.Length, NoSignal);

    /// <summary>
    /// Says that nothing more is sent, and closes. What has arrived meanwhile is taken first: closed over unread bytes, a connection is reset, and
    /// the peer may never see what was sent last.
    /// </summary>
    public static void Close(int descriptor)
    {
        const int ReadsAtMost = 16;
        _ = Shutdown(descriptor, WriteSide);
        Span<byte> unread = stackalloc byte[4 * 1024];
        for (int i = 0; i < ReadsAtMost && Receive(descriptor, unread) > 0; i++)
        {
        }

        _ = CloseDescriptor(descriptor);
    }

    private static IPEndPoint? EndPoint(ReadOnlySpan<byte> address)
    {
        int port = BinaryPrimitives.ReadUInt16BigEndian(address[2..]);
        return BitConverter.ToUInt16(address) switch
        {
            FamilyInet => new IPEndPoint(new IPAddress(address[4..8]), port),
            FamilyInet6 => new IPEndPoint(new IPAddress(address[8..24], BitConverter.ToUInt32(address[24..])), port),
            _ => null,
        };
    }

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Accept(int descriptor, ref byte address, ref int length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Receive(int descriptor, ref byte buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Send(int descriptor, ref readonly byte bytes, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Shutdown(int descriptor, int how);

    /// <summary>Closes one that is no connection.</summary>
    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int CloseDescriptor(int descriptor);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, ref ulong limit);
}
