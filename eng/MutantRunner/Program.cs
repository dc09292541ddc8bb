using System.Reflection;
using MiniMind.MLNet.Dpo.MutantRunner;

// One command a line; answers begin with ## and end with ##end, since tests write to the console too.
//   classes PART|PART...            the test classes whose names contain a part
//   list CLASS                      its tests
//   cover CLASS ID                  runs one test without a mutant: outcome, milliseconds of the processor, the mutants it passes;those passed in static parts
//   run MUTANT CLASS ID,ID...       runs tests of one class against a mutant (-1: none) until one fails: outcome, its id, its message
TextWriter answers = Console.Out;
Console.SetOut(TextWriter.Null);
Console.SetError(TextWriter.Null);
Environment.CurrentDirectory = AppContext.BaseDirectory;
TestAssembly tests = new(Assembly.Load("MiniMind.MLNet.Dpo.Tests"));
MutantSwitch mutants = new(Assembly.Load("MiniMind.MLNet.Dpo"));

void Answer(params object[] fields)
{
    answers.WriteLine("##" + string.Join('\t', fields).ReplaceLineEndings(" "));
    answers.Flush();
}

while (Console.In.ReadLine() is { } line)
{
    string[] words = line.Split(' ');
    switch (words[0])
    {
        case "classes":
            foreach (string name in tests.Classes(words[1].Split('|')))
                Answer(name);
            break;
        case "list":
            foreach ((string id, ITestCase test) in tests.Tests(words[1]))
                Answer(id, test.DisplayName);
            break;
        case "cover":
            mutants.Capture(true);
            TimeSpan before = Environment.CpuUsage.TotalTime;
            RunSink covered = tests.Run(words[1], [words[2]]);
            TimeSpan used = Environment.CpuUsage.TotalTime - before;
            mutants.Capture(false);
            (IReadOnlyList<int> all, IReadOnlyList<int> inStatic) = mutants.Passed();
            string outcome = covered.Failed is not null ? "failed" : covered.Passed > 0 ? "passed" : "skipped";
            Answer(outcome, (long)used.TotalMilliseconds, string.Join(',', all) + ";" + string.Join(',', inStatic), covered.Message);
            break;
        case "run":
            mutants.Set(int.Parse(words[1]));
            RunSink ran = tests.Run(words[2], words[3].Split(','));
            mutants.Set(-1);
            if (ran.Failed is null && ran.Message.Length == 0)
                Answer("survived");
            else
                Answer("killed", ran.Failed?.UniqueID ?? "", ran.Message.Length > 300 ? ran.Message[..300] : ran.Message);
            break;
        default:
            Answer("unknown", words[0]);
            break;
    }
    Answer("end");
}
