using MiniMind.MLNet.Dpo.Tool;
using MiniMind.MLNet.Dpo.Tool.Terminal;

ToolConsole console = ToolConsole.OfProcess();
using StopSignals signals = new(() => console.TakesStops);
return await ToolApplication.RunAsync(args, console, signals.Token);
