package tool

// tools returns all tools, in the order of the help.
func tools() []tool {
	return []tool{
		createTool, infoTool, fetchTool, dumpTool, updateTool, resizeTool, mergeTool, fillTool, diffTool, setMethodTool, setFactorTool,
		corruptTool, rebuildTool, rrdTool, migrateTool, storageTimesTool, autoResizeTool,
	}
}
