using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
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

    public void AddTo(Command command)
    {
        command.Add(_broker);
        command.Add(_userName);
        command.Add(_password);

        // MQTT 3.1.1 knows no password without a user name, and brokers hang up on one without a word.
        command.Validators.Add(result =>
        {
            if (result.GetResult(_password) is not null && result.GetResult(_userName) is null)
            {
                result.AddError("--password: there is no user name it belongs to; write --username too.");
            }
        });
    }

    public BrokerAddress Address(ParseResult parsed) => parsed.GetValue(_broker)!;

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
