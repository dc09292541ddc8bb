using System.Globalization;
using MiniMind.MLNet.Dpo.ResumeProbe;

// arguments: the checkpoints' folder, where to write the result, and optionally a moment to be killed at: event, occurrence, further events
if (args.Length > 2)
    Report.EndAt(Enum.Parse<RunEvent>(args[2]), Number(args[3]), Number(args[4]));
using ProbeRun run = new(args[0]);
run.Train();
File.WriteAllBytes(args[1], run.Result());

static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
