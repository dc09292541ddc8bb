using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MiniMind.MLNet.Dpo.Tool.Terminal;

/// <summary>Hands the warnings of a context's log on, each once.</summary>
internal sealed class WarningLog
{
    private const string Ended = "stopped after step"; // who trains says that himself

    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = [];

    /// <summary>Listens to a context.</summary>
    /// <param name="context">Whose log.</param>
    /// <param name="warn">Gets a warning.</param>
    public static void Listen(MLContext context, Action<string> warn)
    {
        WarningLog log = new();
        context.Log += (_, message) =>
        {
            if (message.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error && !message.RawMessage.StartsWith(Ended, StringComparison.Ordinal)
                && log.IsNew(message.RawMessage))
            {
                warn(message.RawMessage);
            }
        };
    }

    // the same warning with other numbers says nothing new
    private bool IsNew(string message)
    {
        lock (_lock)
            return _seen.Add(string.Concat(message.Where(character => !char.IsAsciiDigit(character))));
    }
}
