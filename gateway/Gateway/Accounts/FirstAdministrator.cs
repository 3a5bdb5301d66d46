using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Twin.Hosting.Authentication;
using Twin.Hosting.Storage;

namespace Twin.Gateway.Accounts;

/// <summary>
/// Makes the account <c>administrator</c> when there is no account at all, and leaves its random password in
/// <c>administrator.txt</c> in the data directory, readable by the owner alone; never in a log.
/// </summary>
internal sealed partial class FirstAdministrator(
    AccountStore accounts, Passwords passwords, IConfiguration configuration, TimeProvider time, ILogger<FirstAdministrator> logger) : IHostedService
{
    public const string FileName = "administrator.txt";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await accounts.IsEmptyAsync(cancellationToken))
        {
            return;
        }

        // The file first: a start that dies between the two steps comes here again, and the file says the right password.
        var password = Passwords.Generate();
        var file = Path.Combine(configuration[StorageOptions.DataDirectoryKey] ?? ".", FileName);
        PrivateFile.TryWrite(file, Encoding.UTF8.GetBytes($"name: {TwinRoles.Administrator}\npassword: {password}\n"), replace: true);
        var now = time.GetUtcNow();
        var account = new Account(
            Guid.CreateVersion7(now).ToString(), TwinRoles.Administrator, passwords.Hash(password), TwinRoles.Administrator, Disabled: false, Failures: 0, DateTimeOffset.UnixEpoch, now);
        if (await accounts.TryAddAsync(account, cancellationToken))
        {
            LogCreated(logger, file);
        }
        else
        {
            // Another replica was first: its file says the password.
            File.Delete(file);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(Level = LogLevel.Information, Message = "The first account, administrator, is made; its password lies in {File}")]
    private static partial void LogCreated(ILogger logger, string file);
}
