using System.Globalization;
using Microsoft.ML.Runtime;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>A channel of ML.NET's log whose warnings and errors a person sees as well, each once.</summary>
/// <param name="channel">The channel; disposed with this one.</param>
/// <param name="source">What speaks, such as <c>DpoTrainer</c>.</param>
/// <param name="output">Where they are written.</param>
internal sealed class WarningChannel(IChannel channel, string source, TextWriter output) : IChannel
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _written = [];

    /// <inheritdoc />
    public string ContextDescription => channel.ContextDescription;

    /// <summary>The channel of a run: one that writes to standard error where <see cref="TrainingOptions.ConsoleWarnings"/> says so.</summary>
    public static IChannel Of(IChannel channel, string source, TrainingOptions options) =>
        Writes(options) ? new WarningChannel(channel, source, Console.Error) : channel;

    /// <inheritdoc />
    public TException Process<TException>(TException ex)
        where TException : Exception => channel.Process(ex);

    /// <inheritdoc />
    public void Send(ChannelMessage msg)
    {
        channel.Send(msg);
        if (msg.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error)
            Write(msg.Message);
    }

    /// <inheritdoc />
    public void Trace(MessageSensitivity sensitivity, string message) => channel.Trace(sensitivity, message);

    /// <inheritdoc />
    public void Trace(MessageSensitivity sensitivity, string fmt, params object[] args) => channel.Trace(sensitivity, fmt, args);

    /// <inheritdoc />
    public void Info(MessageSensitivity sensitivity, string message) => channel.Info(sensitivity, message);

    /// <inheritdoc />
    public void Info(MessageSensitivity sensitivity, string fmt, params object[] args) => channel.Info(sensitivity, fmt, args);

    /// <inheritdoc />
    public void Warning(MessageSensitivity sensitivity, string message)
    {
        channel.Warning(sensitivity, message);
        Write(message);
    }

    /// <inheritdoc />
    public void Warning(MessageSensitivity sensitivity, string fmt, params object[] args)
    {
        channel.Warning(sensitivity, fmt, args);
        Write(string.Format(CultureInfo.InvariantCulture, fmt, args));
    }

    /// <inheritdoc />
    public void Error(MessageSensitivity sensitivity, string message)
    {
        channel.Error(sensitivity, message);
        Write(message);
    }

    /// <inheritdoc />
    public void Error(MessageSensitivity sensitivity, string fmt, params object[] args)
    {
        channel.Error(sensitivity, fmt, args);
        Write(string.Format(CultureInfo.InvariantCulture, fmt, args));
    }

    /// <inheritdoc />
    public void Dispose() => channel.Dispose();

    private void Write(string message)
    {
        lock (_lock)
        {
            // the same warning with other numbers says nothing new
            if (_written.Add(string.Concat(message.Where(character => !char.IsAsciiDigit(character)))))
                output.WriteLine($"{source} warning: {message}");
        }
    }

    private static bool Writes(TrainingOptions options)
    {
        if (options.ConsoleWarnings is { } asked)
            return asked;
        bool silenced = AppContext.TryGetSwitch(TrainingOptions.ConsoleWarningsSwitch, out bool on) && !on;
        return !silenced && options is { Progress: null, Logger: null };
    }
}
