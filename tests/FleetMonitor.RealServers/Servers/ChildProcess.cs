using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace FleetMonitor.RealServers.Servers;

/// <summary>What a program said, once it ended.</summary>
public sealed record ChildResult(int ExitCode, string Output, string Errors);

/// <summary>A program run as a process of its own: told by signals, heard by its output. Killed at the latest when disposed of.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    public const int SigInt = 2;
    public const int SigUsr1 = 10;
    public const int SigTerm = 15;
    public const int SigCont = 18;
    public const int SigStop = 19;

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private TaskCompletionSource _heard = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ChildProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Hear(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Hear(_errors, line.Data);
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public string Output
    {
        get
        {
            lock (_gate)
            {
                return _output.ToString();
            }
        }
    }

    public string Errors
    {
        get
        {
            lock (_gate)
            {
                return _errors.ToString();
            }
        }
    }

    public static ChildProcess Start(
        string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ChildResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan atMost,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null)
    {
        await using ChildProcess child = Start(program, arguments, environment, folder);
        return await child.EndAsync(atMost);
    }

    public async Task WriteLineAsync(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
    }

    public void CloseInput() => _process.StandardInput.Close();

    /// <summary>Waits until stdout or stderr holds a text.</summary>
    /// <exception cref="TimeoutException">It did not come; the message holds what came instead.</exception>
    public async Task WaitForAsync(string text, TimeSpan atMost, int times = 1)
    {
        using var timeout = new CancellationTokenSource(atMost);
        while (true)
        {
            Task heard;
            lock (_gate)
            {
                if (Count(_output, text) + Count(_errors, text) >= times)
                {
                    return;
                }

                heard = _heard.Task;
            }

            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(timeout.Token);
                if (Count(_output, text) + Count(_errors, text) >= times)
                {
                    return;
                }

                throw new TimeoutException($"Ended ({_process.ExitCode}) without \"{text}\":\n{Output}{Errors}");
            }

            try
            {
                // An end without a word is noticed too.
                await heard.WaitAsync(TimeSpan.FromMilliseconds(250), timeout.Token);
            }
            catch (TimeoutException)
            {
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"Did not say \"{text}\" within {atMost}:\n{Output}{Errors}");
            }
        }
    }

    /// <summary>Waits for the end.</summary>
    public async Task<ChildResult> EndAsync(TimeSpan atMost)
    {
        using var timeout = new CancellationTokenSource(atMost);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Ended, and something else holds its output open: another trouble than a process that hangs.
            string how = _process.HasExited ? "ended, and its output did not," : "did not end";
            throw new TimeoutException($"{_process.StartInfo.FileName} {how} within {atMost}:\n{Output}{Errors}");
        }

        return new ChildResult(_process.ExitCode, Output, Errors);
    }

    /// <summary>SIGTERM, and waits for the end.</summary>
    public Task<ChildResult> TerminateAsync(TimeSpan? atMost = null) => SignalAsync(SigTerm, atMost);

    /// <summary>SIGINT, as Ctrl-C sends it, and waits for the end.</summary>
    public Task<ChildResult> InterruptAsync(TimeSpan? atMost = null) => SignalAsync(SigInt, atMost);

    public void Signal(int signal)
    {
        if (!_process.HasExited && SendSignal(_process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"Process {_process.Id} takes no signal.");
        }
    }

    /// <summary>SIGKILL: the process, and what it started, does nothing more.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        _process.Dispose();
    }

    private Task<ChildResult> SignalAsync(int signal, TimeSpan? atMost)
    {
        Signal(signal);
        return EndAsync(atMost ?? TimeSpan.FromSeconds(30));
    }

    private void Hear(StringBuilder target, string? line)
    {
        TaskCompletionSource heard;
        lock (_gate)
        {
            if (line is not null)
            {
                target.Append(line).Append('\n');
            }

            heard = _heard;
            _heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        heard.TrySetResult();
    }

    private int Count(StringBuilder said, string text)
    {
        lock (_gate)
        {
            return said.ToString().Split(text).Length - 1;
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int process, int signal);
}
