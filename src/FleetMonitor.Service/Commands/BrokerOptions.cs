using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Identity;
using FleetMonitor.Service.Mqtt;

namespace FleetMonitor.Service.Commands;

/// <summary>What every command that talks to a broker needs to know of it.</summary>
internal sealed class BrokerOptions
{
    private const string PasswordVariable = "FLEETMONITOR_BROKER_PASSWORD";

    private readonly Option<BrokerAddress> _broker = Arguments.Broker("--broker", $"The broker: {BrokerAddress.Forms}.");
    private readonly Option<string?> _userName = new("--username") { Description = "User name at the broker." };
    private readonly Option<string?> _password = new("--password")
    {
        Description = $"Password at the broker; better given in the environment variable {PasswordVariable}, out of the process list.",
    };

    private readonly Option<FileInfo> _ca = new Option<FileInfo>("--ca-file")
    {
        Description = "Authorities (PEM) to trust for mqtts://; without it, the system's.",
    }.AcceptExistingOnly();

    private readonly Option<FileInfo> _certificate = new Option<FileInfo>("--certificate-file")
    {
        Description = "Our own certificate (PEM), where the broker asks for one.",
    }.AcceptExistingOnly();

    private readonly Option<FileInfo> _key = new Option<FileInfo>("--key-file") { Description = "Its key (PEM)." }.AcceptExistingOnly();

    public void AddTo(Command command)
    {
        command.Add(_broker);
        command.Add(_userName);
        command.Add(_password);
        command.Add(_ca);
        command.Add(_certificate);
        command.Add(_key);

        // MQTT 3.1.1 knows no password without a user name, and brokers hang up on one without a word.
        command.Validators.Add(result =>
        {
            if (result.GetResult(_password) is not null && result.GetResult(_userName) is null)
            {
                result.AddError("--password: there is no user name it belongs to; write --username too.");
            }

            if (result.GetResult(_certificate) is null != result.GetResult(_key) is null)
            {
                result.AddError("--certificate-file and --key-file belong together: write both.");
            }
        });
    }

    public BrokerAddress Address(ParseResult parsed) => parsed.GetValue(_broker)!;

    /// <summary>What to ask of the broker's certificate, and to show of ours.</summary>
    /// <returns>False, with the reason on stderr, where a file is no certificate or the key is not its key.</returns>
    public bool TryTls(ParseResult parsed, out Func<SslClientAuthenticationOptions>? tls)
    {
        try
        {
            SslClientAuthenticationOptions options = Certificates.ForClient(
                Address(parsed).Host,
                parsed.GetValue(_certificate) is { } certificate && parsed.GetValue(_key) is { } key
                    ? Certificates.Own(new CertificateSettings(certificate.FullName, key.FullName))
                    : null,
                parsed.GetValue(_ca) is { } authorities ? Certificates.Authorities(authorities.FullName) : null);
            tls = () => options;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            Console.Error.WriteLine($"--ca-file, --certificate-file or --key-file: {e.Message}");
            tls = null;
            return false;
        }
    }

    public string? UserName(ParseResult parsed) => parsed.GetValue(_userName);

    /// <summary>The password given, in UTF-8. The environment is no default of the option, since the help prints defaults.</summary>
    public ReadOnlyMemory<byte>? Password(ParseResult parsed)
    {
        if (UserName(parsed) is null
            || (parsed.GetValue(_password) ?? Environment.GetEnvironmentVariable(PasswordVariable)) is not { } password)
        {
            return null;
        }

        return Encoding.UTF8.GetBytes(password);
    }
}
