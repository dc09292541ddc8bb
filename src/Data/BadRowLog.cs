using Microsoft.ML.Runtime;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Tells the context's log about rows that were left out, once for as long as the passes agree.</summary>
internal sealed class BadRowLog(IHost host)
{
    private const int MessagesShown = 5;

    private readonly Lock _lock = new();
    private string? _last;

    /// <summary>Logs a pass that left rows out.</summary>
    public void Write(BadRowReport report)
    {
        string summary = report.ToString();
        lock (_lock)
        {
            if ((report.BadRowCount == 0 && report.TieCount == 0) || summary == _last)
                return;
            _last = summary;
        }
        using IChannel channel = host.Start("BadRows");
        channel.Warning(MessageSensitivity.None, "{0}", summary);
        foreach (BadRow row in report.Rows.Take(MessagesShown))
            channel.Warning(MessageSensitivity.UserData, "{0}", row.Message);
    }
}
