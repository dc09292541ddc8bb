namespace MiniMind.MLNet.Dpo.Tool.Commands;

/// <summary>All commands, in the order in which the help lists them.</summary>
internal static class ToolCommands
{
    public static IReadOnlyList<ToolCommand> All { get; } =
    [
        new TrainCommand(),
        new SftCommand(),
        new KtoCommand(),
    ];
}
