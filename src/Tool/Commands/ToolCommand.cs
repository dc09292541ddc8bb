using System.CommandLine;
using MiniMind.MLNet.Dpo.Tool.Terminal;

namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>A command of the tool: one file, and one line in <see cref="ToolCommands"/>.</summary>
internal abstract class ToolCommand
{
    /// <summary>The command as the command line knows it.</summary>
    /// <param name="consoleOf">The console, told how to write by what was parsed.</param>
    public abstract Command Create(Func<ParseResult, ToolConsole> consoleOf);
}
