using MiniMind.MLNet.Dpo.Tool;
using MiniMind.MLNet.Dpo.Tool.Terminal;

using StopSignals signals = new();
return await ToolApplication.RunAsync(args, ToolConsole.OfProcess(), signals.Token);
